import { withSql } from '../connectors/sql-connection.ts';
import { DefinitionError, isJsonObject, listField, optionalString, readObject } from '../definitions/json.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { toPlain } from '../expressions/index.ts';

/** Script: statements on a database, with parameters; the rows of queries are its output. */
export const script: ActivityRunner = async (context) => {
  const { connections, run, activity } = context;
  const evaluate = (document: unknown): unknown => toPlain(context.evaluate(document));
  const service = connections.linkedService(run.factory, activity.linkedServiceName, evaluate);
  const scripts = listField(context.properties(), 'scripts').map((one) => {
    const object = readObject(one, 'A script');
    const text = optionalString(object, 'text');
    if (text === undefined || text.trim() === '') throw new DefinitionError('A script has no text.');
    return {
      text,
      parameters: listField(object, 'parameters').map((parameter) => readObject(parameter, 'A parameter')),
    };
  });
  context.setInput({ scripts });
  return withSql(service, context.signal, async (pool) => {
    const resultSets: { readonly rowCount: number; readonly rows: readonly unknown[] }[] = [];
    let recordsAffected = 0;
    for (const { text, parameters } of scripts) {
      const request = pool.request();
      request.arrayRowMode = false;
      for (const { name, value } of parameters) request.input(String(name).replace(/^@/, ''), value ?? null);
      const result = await request.query(text);
      const sets: unknown[] = Array.isArray(result.recordsets) ? result.recordsets : [];
      for (const rows of sets)
        resultSets.push({ rowCount: (rows as unknown[]).length, rows: (rows as unknown[]).map(plainRow) });
      recordsAffected += result.rowsAffected.reduce((sum, count) => sum + count, 0);
    }
    return { output: { resultSetCount: resultSets.length, recordsAffected, resultSets, outputParameters: {} } };
  });
};

/** Dates as the JSON of Data Factory has them. */
function plainRow(row: unknown): unknown {
  if (!isJsonObject(row)) return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
}
