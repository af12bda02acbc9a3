import type { HttpResponseInit } from '@azure/functions';
import type { Statement, StatementRows } from '../databricks/statement-client.ts';
import { encodeCursor } from '../http/paging.ts';
import { problem } from '../http/problem.ts';
import { toJsonRows } from './json-rows.ts';
import { formatStatementId } from './statement-id.ts';

/** How the API tells a statement: rows when it is done, 202 while it runs, the engine's message when it failed. */
export function presentStatement(
  statement: Statement,
  startedAt: number,
  rows?: StatementRows & { readonly chunk: number },
): HttpResponseInit {
  const id = formatStatementId({ id: statement.id, startedAt });
  switch (statement.state) {
    case 'running':
      return {
        status: 202,
        headers: { location: `/api/sql/${id}`, 'retry-after': '1' },
        jsonBody: { id, state: 'running', href: `/api/sql/${id}` },
      };
    case 'failed':
      return problem(STATUS_OF_CODE[statement.code] ?? 502, `${statement.code}: ${statement.message}`);
    case 'canceled':
      return { jsonBody: { id, state: 'canceled' } };
    case 'closed':
      return problem(410, 'The result is kept for an hour only; run the statement again.');
    case 'succeeded': {
      const { columns, rowCount, truncated } = statement;
      const shown = rows ?? statement.first;
      return {
        jsonBody: {
          id,
          state: 'succeeded',
          columns: columns.map(({ name, typeText }) => ({ name, type: typeText })),
          rows: toJsonRows(columns, shown),
          rowCount,
          truncated,
          next: shown.nextChunk === undefined ? null : encodeCursor({ continuation: `chunk ${shown.nextChunk}` }),
        },
      };
    }
  }
}

/** Errors of the statement itself are the client's; what is left is the service's. */
export const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  DEADLINE_EXCEEDED: 504,
};
