import { withSql } from '../connectors/sql-connection.ts';
import { requiredString } from '../definitions/json.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { toPlain } from '../expressions/index.ts';
import { procedureParameters } from './copy/source.ts';

/** SqlServerStoredProcedure: calls a procedure; what it returns is not looked at. */
export const storedProcedure: ActivityRunner = async (context) => {
  const { connections, run, activity } = context;
  const evaluate = (document: unknown): unknown => toPlain(context.evaluate(document));
  const service = connections.linkedService(run.factory, activity.linkedServiceName, evaluate);
  const properties = context.properties();
  const name = requiredString(properties, 'storedProcedureName', 'the stored procedure activity');
  const parameters = procedureParameters(properties.storedProcedureParameters);
  context.setInput({
    storedProcedureName: name,
    storedProcedureParameters: properties.storedProcedureParameters ?? {},
  });
  await withSql(service, context.signal, async (pool) => {
    const request = pool.request();
    for (const [parameter, value] of parameters) request.input(parameter, value);
    await request.execute(name);
  });
  return { output: {} };
};
