import type { StatementParameter } from '../databricks/statement-client.ts';
import { RequestProblem } from '../http/problem.ts';
import { readOnlyStatement } from './read-only.ts';

/** A request to run a statement, checked. */
export interface SqlRequest {
  readonly statement: string;
  readonly parameters: readonly StatementParameter[];
  readonly limit: number;
}

const FIELDS = ['statement', 'parameters', 'limit'];
const TYPE = /^[A-Z_]+( ?\( ?\d{1,2} ?(, ?\d{1,2} ?)?\))?$/;

/**
 * Parses the body of POST /api/sql: `{statement, parameters?: {name: value}, limit?}`. A parameter's value is a text, a
 * number, a boolean, null, or `{value, type}` with a SQL type such as `DATE`.
 * @throws RequestProblem 400 naming the field
 */
export function parseSqlRequest(body: unknown, largestLimit: number): SqlRequest {
  const fields = object(body, 'The body must be a JSON object with a statement.');
  const unknown = Object.keys(fields).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0)
    throw new RequestProblem(400, `Unknown field ${unknown.join(', ')}; the body takes ${FIELDS.join(', ')}.`);
  if (typeof fields.statement !== 'string') throw new RequestProblem(400, 'statement must be a text.');
  return {
    statement: readOnlyStatement(fields.statement),
    parameters: parseParameters(fields.parameters),
    limit: parseLimit(fields.limit, largestLimit),
  };
}

function parseParameters(value: unknown): readonly StatementParameter[] {
  if (value === undefined) return [];
  return Object.entries(object(value, 'parameters must be an object of values by name.')).map(([name, entry]) => {
    if (!/^[a-z_]\w*$/i.test(name))
      throw new RequestProblem(400, `parameters: '${name}' is no name; use letters, digits and _.`);
    return { name, ...typed(name, entry) };
  });
}

function typed(name: string, entry: unknown): Omit<StatementParameter, 'name'> {
  if (entry === null) return { value: null, type: 'STRING' };
  if (typeof entry === 'string') return { value: entry, type: 'STRING' };
  if (typeof entry === 'boolean') return { value: String(entry), type: 'BOOLEAN' };
  if (typeof entry === 'number')
    return { value: String(entry), type: Number.isSafeInteger(entry) ? 'BIGINT' : 'DOUBLE' };
  const fields = object(entry, `parameters.${name} must be a text, a number, a boolean, null or {value, type}.`);
  const { value, type } = fields;
  if (typeof type !== 'string' || !TYPE.test(type.toUpperCase()))
    throw new RequestProblem(400, `parameters.${name}.type must be a SQL type such as DATE or DECIMAL(18,2).`);
  if (value === null || value === undefined) return { value: null, type };
  if (typeof value === 'object') throw new RequestProblem(400, `parameters.${name}.value must be a single value.`);
  return { value: String(value), type };
}

function parseLimit(value: unknown, largest: number): number {
  if (value === undefined) return largest;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > largest)
    throw new RequestProblem(400, `limit must be a whole number from 1 to ${largest}; it is ${JSON.stringify(value)}.`);
  return value;
}

function object(value: unknown, otherwise: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RequestProblem(400, otherwise);
  return value as Readonly<Record<string, unknown>>;
}
