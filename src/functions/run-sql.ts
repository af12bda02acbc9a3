import { endpoint } from '../shared/http/endpoint.ts';
import { jsonBody } from '../shared/http/json-body.ts';
import { services } from '../shared/services.ts';
import { parseSqlRequest } from '../shared/sql/parse-request.ts';
import { presentStatement } from '../shared/sql/present-statement.ts';

/** POST /api/sql: one reading statement over the lake's tables; 200 with rows when it is quick, else 202. */
endpoint('run-sql', {
  method: 'POST',
  route: 'sql',
  access: 'Data.Query',
  handler: async (request) => {
    const { sql } = services();
    const { statement, parameters, limit } = parseSqlRequest(await jsonBody(request), sql.limits.rows);
    const startedAt = Date.now();
    const { bytes, waitSeconds } = sql.limits;
    const answer = await sql.client().submit(statement, parameters, { rows: limit, bytes, waitSeconds });
    return presentStatement(answer, startedAt);
  },
});
