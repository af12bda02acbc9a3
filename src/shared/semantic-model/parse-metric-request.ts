import { RequestProblem } from '../http/problem.ts';
import { type ColumnReference, type Definition, DefinitionError, OPERATORS, type Scalar } from './definition.ts';
import { findColumn, findTable, formatReference, parseReference } from './find.ts';
import { checkQuery, type MetricFilter, type MetricQuery } from './metric-query.ts';

/** A question to the model, checked against its definition. */
export interface MetricRequest {
  readonly query: MetricQuery;
  /** How many rows at most. */
  readonly limit: number;
}

const FIELDS = ['measures', 'by', 'filters', 'limit'];
const FILTER_FIELDS = ['column', 'values', 'operator', 'value'];
export const MOST_MEASURES = 20;
export const MOST_COLUMNS = 6;
export const MOST_FILTERS = 20;
export const MOST_VALUES = 1000;
export const LARGEST_LIMIT = 10_000;
const USUAL_LIMIT = 1000;

/**
 * Parses the body of POST /api/metrics/query: `{measures, by?, filters?, limit?}`; columns are `Table[Column]`, a filter is
 * `{column, values}` or `{column, operator, value}`.
 * @throws RequestProblem 400 naming what is wrong, or what the model does not have
 */
export function parseMetricRequest(body: unknown, definition: Definition): MetricRequest {
  const fields = object(body, 'The body must be a JSON object with measures.');
  refuseUnknown(fields, FIELDS, 'the body');
  try {
    const query: MetricQuery = {
      measures: list(fields, 'measures', MOST_MEASURES).map((name) => text(name, 'measures')),
      by: list(fields, 'by', MOST_COLUMNS).map((column) => visibleColumn(definition, column, 'by')),
      filters: list(fields, 'filters', MOST_FILTERS).map((filter) => parseFilter(definition, filter)),
    };
    checkQuery(definition, query);
    return { query, limit: parseLimit(fields.limit) };
  } catch (error) {
    if (error instanceof DefinitionError) throw new RequestProblem(400, `${error.where}: ${error.problem}.`);
    throw error;
  }
}

function parseFilter(definition: Definition, value: unknown): MetricFilter {
  const fields = object(value, 'Each of filters must be an object: {column, values} or {column, operator, value}.');
  refuseUnknown(fields, FILTER_FIELDS, 'a filter');
  const column = visibleColumn(definition, fields.column, 'filters.column');
  if ('values' in fields === 'operator' in fields)
    throw new RequestProblem(400, `filters: ${formatReference(column)} needs either values, or operator and value.`);
  if ('values' in fields) {
    const values = list(fields, 'values', MOST_VALUES).map((one) => (one === null ? null : scalar(one)));
    return { column, values };
  }
  const operator = OPERATORS.find((one) => one === fields.operator);
  if (operator === undefined) throw new RequestProblem(400, `filters.operator must be one of ${OPERATORS.join(', ')}.`);
  return { column, operator, value: scalar(fields.value) };
}

/** A column that the catalogue shows. */
function visibleColumn(definition: Definition, value: unknown, where: string): ColumnReference {
  const reference = parseReference(text(value, where));
  if (findTable(definition, reference.table).hidden || findColumn(definition, reference).hidden)
    throw new RequestProblem(400, `${formatReference(reference)} is hidden; GET /api/metrics lists the columns.`);
  return reference;
}

function parseLimit(value: unknown): number {
  if (value === undefined) return USUAL_LIMIT;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > LARGEST_LIMIT)
    throw new RequestProblem(400, `limit must be a whole number from 1 to ${LARGEST_LIMIT}.`);
  return value;
}

function list(fields: Readonly<Record<string, unknown>>, name: string, most: number): readonly unknown[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw new RequestProblem(400, `${name} must be a list.`);
  if (value.length > most) throw new RequestProblem(400, `${name} can have ${most} entries at most.`);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new RequestProblem(400, `${where} must be a text.`);
  return value;
}

function scalar(value: unknown): Scalar {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new RequestProblem(400, 'A value of a filter must be a text, a number or a boolean; null only in values.');
}

function refuseUnknown(fields: Readonly<Record<string, unknown>>, known: readonly string[], what: string): void {
  const unknown = Object.keys(fields).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new RequestProblem(400, `Unknown field ${unknown.join(', ')}; ${what} takes ${known.join(', ')}.`);
}

function object(value: unknown, otherwise: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RequestProblem(400, otherwise);
  return value as Readonly<Record<string, unknown>>;
}
