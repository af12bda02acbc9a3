import { DaxError } from '../dax/dax-error.ts';
import type { ResultTable } from '../dax/run-query.ts';
import { runQuery } from '../dax/run-query.ts';
import { isObject, member } from '../model/json.ts';
import type { Model } from '../model/model.ts';
import type { Refresher } from '../refresh/refresher.ts';
import { ApiError } from './api-error.ts';

/** Limits of one answer, of the service; beyond them it is cut off and says so. */
const MOST_ROWS = 100_000;
const MOST_VALUES = 1_000_000;

/** Answers POST …/executeQueries. @throws ApiError for a request, DaxError for a query that cannot be answered */
export async function executeQueries(model: Model, refresher: Refresher, body: unknown): Promise<object> {
  const { query, includeNulls } = parseRequest(body);
  const table = await refresher.read((run) => runQuery(model, query, run));
  if (table === undefined) {
    throw new DaxError(`The model '${model.name}' holds no data: it needs to be refreshed before it can be queried.`);
  }
  const most = Math.min(MOST_ROWS, Math.floor(MOST_VALUES / Math.max(1, table.columns.length)));
  const isCut = table.rows.length > most;
  return {
    results: [
      {
        tables: [{ rows: presentRows(table, includeNulls).slice(0, most) }],
        ...(isCut && {
          error: {
            code: 'ResultTruncated',
            message: `The result has ${table.rows.length} rows; the first ${most} are given, since more are over the limit of a query.`,
          },
        }),
      },
    ],
  };
}

function presentRows({ columns, rows }: ResultTable, includeNulls: boolean): readonly object[] {
  return rows.map((row) =>
    Object.fromEntries(
      columns.flatMap((column, index) => {
        const value = row[index] ?? null;
        return value === null && !includeNulls ? [] : [[column, value]];
      }),
    ),
  );
}

function parseRequest(body: unknown): { readonly query: string; readonly includeNulls: boolean } {
  const queries = isObject(body) ? member(body, 'queries') : undefined;
  if (!isObject(body) || !Array.isArray(queries)) throw invalid('The body needs queries, a list with one query.');
  const [first, second]: unknown[] = queries;
  const query = isObject(first) ? member(first, 'query') : undefined;
  if (typeof query !== 'string' || second !== undefined) throw invalid('queries must hold exactly one {"query": "…"}.');
  const settings = member(body, 'serializerSettings');
  if (member(body, 'impersonatedUserName') !== undefined) {
    throw invalid('impersonatedUserName is not supported by this emulator: its models have no row-level security.');
  }
  return { query, includeNulls: isObject(settings) && member(settings, 'includeNulls') === true };
}

function invalid(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}
