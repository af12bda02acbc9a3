import { endpoint } from '../shared/http/endpoint.ts';
import { parseCursor, refuseUnknownParameters } from '../shared/http/paging.ts';
import { problem } from '../shared/http/problem.ts';
import { services } from '../shared/services.ts';
import { presentStatement } from '../shared/sql/present-statement.ts';
import { parseStatementId } from '../shared/sql/statement-id.ts';

/** GET /api/sql/{id}: how a statement stands; its rows, page by page, once it is done. */
endpoint('get-sql', {
  method: 'GET',
  route: 'sql/{id}',
  access: 'Data.Query',
  handler: async (request) => {
    refuseUnknownParameters(request, ['cursor']);
    const { id: text = '' } = request.params;
    const { sql } = services();
    const asked = parseStatementId(text);
    const statement = asked && (await sql.client().get(asked.id));
    if (asked === undefined || statement === undefined)
      return problem(404, `There is no statement '${text}'; POST /api/sql runs one.`);
    if (statement.state === 'running' && Date.now() - asked.startedAt > sql.limits.timeoutSeconds * 1000) {
      await sql.client().cancel(asked.id);
      return problem(504, `The statement ran longer than ${sql.limits.timeoutSeconds} s and was ended; narrow it.`);
    }
    const cursor = parseCursor(request);
    if (cursor === undefined || statement.state !== 'succeeded') return presentStatement(statement, asked.startedAt);

    const chunk = Number(/^chunk (\d+)$/.exec(cursor.continuation)?.[1] ?? Number.NaN);
    const rows = Number.isNaN(chunk) ? undefined : await sql.client().rows(asked.id, chunk);
    if (rows === undefined) return problem(400, 'cursor belongs to another route or statement.');
    return presentStatement(statement, asked.startedAt, { ...rows, chunk });
  },
});
