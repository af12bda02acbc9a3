import { RequestProblem } from '../http/problem.ts';
import { type ColumnType, type Definition, DefinitionError, type Scalar } from './definition.ts';
import { findColumn, parseReference } from './find.ts';

const FILTER = /^(?<column>[^[\]]+\[[^[\]]+\]):(?<values>.*)$/s;
const NUMERIC: readonly ColumnType[] = ['int64', 'double', 'decimal'];

/**
 * The question in a query string, as the body that POST /api/metrics/query takes: `measures` and `by` with commas between,
 * `filter` (`Table[Column]:value,value`) as often as wanted, `limit`. It is checked as a body is.
 * @throws RequestProblem 400 when a filter is not written so, or the model has no such column
 */
export function metricBodyOf(query: URLSearchParams, definition: Definition): object {
  const limit = query.get('limit');
  return {
    measures: parts(query.get('measures')),
    by: parts(query.get('by')),
    filters: query.getAll('filter').map((filter) => parseFilter(filter, definition)),
    ...(limit === null ? {} : { limit: Number(limit) }),
  };
}

function parts(text: string | null): readonly string[] {
  return text === null ? [] : text.split(',').map((part) => part.trim());
}

function parseFilter(filter: string, definition: Definition): object {
  const { column, values } = FILTER.exec(filter)?.groups ?? {};
  if (column === undefined || values === undefined)
    throw new RequestProblem(400, `filter is written Table[Column]:value,value; it is '${filter}'.`);
  const type = typeOf(column, definition);
  return { column, values: parts(values).map((value) => scalar(value, type, column)) };
}

function typeOf(column: string, definition: Definition): ColumnType {
  try {
    return findColumn(definition, parseReference(column)).type;
  } catch (error) {
    if (error instanceof DefinitionError) throw new RequestProblem(400, `${error.where}: ${error.problem}.`);
    throw error;
  }
}

function scalar(text: string, type: ColumnType, column: string): Scalar {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (!NUMERIC.includes(type)) return text;
  const number = Number(text);
  if (text === '' || !Number.isFinite(number))
    throw new RequestProblem(400, `${column} holds numbers; '${text}' is none.`);
  return number;
}
