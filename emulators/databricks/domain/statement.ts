import { invalidParameter } from '../api-error.ts';
import type { SqlFailure, SqlResult } from '../sql/sql-worker.ts';
import { type JsonObject, optionalInteger, optionalString, readList, readObject, requiredString } from './json.ts';

export const DISPOSITIONS = ['INLINE', 'EXTERNAL_LINKS'] as const;
export const FORMATS = ['JSON_ARRAY', 'ARROW_STREAM', 'CSV'] as const;

/** What a client asked for, checked. */
export interface StatementSpec {
  readonly statement: string;
  readonly warehouseId: string;
  readonly catalog?: string;
  readonly schema?: string;
  readonly parameters: readonly { readonly name: string; readonly value?: string; readonly type?: string }[];
  readonly rowLimit?: number;
  readonly byteLimit?: number;
  readonly waitMs: number;
  readonly onWaitTimeout: 'CONTINUE' | 'CANCEL';
  readonly disposition: (typeof DISPOSITIONS)[number];
  readonly format: (typeof FORMATS)[number];
}

export type StatementState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'CLOSED';

/** A statement as the workspace remembers it. */
export interface StatementRecord {
  readonly id: string;
  readonly spec: StatementSpec;
  readonly state: StatementState;
  readonly createdTime: number;
  /** 0 until it has ended. */
  readonly endTime: number;
  /** Guards the links to its chunks, which carry no credentials. */
  readonly secret: string;
  readonly result?: SqlResult;
  readonly error?: SqlFailure;
}

const LARGEST_STATEMENT = 16 * 1024 * 1024;
const MOST_PARAMETERS = 255;

/** Reads the body of POST /api/2.0/sql/statements; refuses what the service refuses. */
export function readStatement(body: JsonObject): StatementSpec {
  const statement = requiredString(body, 'statement');
  if (Buffer.byteLength(statement) > LARGEST_STATEMENT) throw invalidParameter('statement is larger than 16 MiB.');
  const disposition = choice(body, 'disposition', DISPOSITIONS, 'INLINE');
  const format = choice(body, 'format', FORMATS, 'JSON_ARRAY');
  if (disposition === 'INLINE' && format !== 'JSON_ARRAY') {
    throw invalidParameter(`The format ${format} is supported only with disposition EXTERNAL_LINKS.`);
  }
  const catalog = optionalString(body, 'catalog');
  const schema = optionalString(body, 'schema');
  const rowLimit = limit(body, 'row_limit');
  const byteLimit = limit(body, 'byte_limit');
  return {
    statement,
    warehouseId: requiredString(body, 'warehouse_id'),
    ...(catalog !== undefined && { catalog }),
    ...(schema !== undefined && { schema }),
    parameters: readParameters(body),
    ...(rowLimit !== undefined && { rowLimit }),
    ...(byteLimit !== undefined && { byteLimit }),
    waitMs: readWait(optionalString(body, 'wait_timeout') ?? '10s'),
    onWaitTimeout: choice(body, 'on_wait_timeout', ['CONTINUE', 'CANCEL'] as const, 'CONTINUE'),
    disposition,
    format,
  };
}

function readParameters(body: JsonObject): StatementSpec['parameters'] {
  const list = readList(body, 'parameters');
  if (list.length > MOST_PARAMETERS) throw invalidParameter(`At most ${MOST_PARAMETERS} parameters are allowed.`);
  const parameters = list.map((item) => {
    const parameter = readObject(item, 'parameters[]');
    const value = optionalString(parameter, 'value');
    const type = optionalString(parameter, 'type');
    return {
      name: requiredString(parameter, 'name'),
      ...(value !== undefined && { value }),
      ...(type !== undefined && { type }),
    };
  });
  const names = parameters.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidParameter(`The parameter ${twice} is given more than once.`);
  return parameters;
}

/** `0s`, or a whole number of seconds from 5 to 50. */
function readWait(text: string): number {
  const seconds = Number(/^(\d+)s$/.exec(text)?.[1] ?? Number.NaN);
  if (seconds !== 0 && !(seconds >= 5 && seconds <= 50)) {
    throw invalidParameter(`wait_timeout must be 0s or between 5s and 50s, not ${text}.`);
  }
  return seconds * 1000;
}

function limit(body: JsonObject, key: string): number | undefined {
  const value = optionalInteger(body, key);
  if (value !== undefined && value < 1) throw invalidParameter(`${key} must be at least 1.`);
  return value;
}

function choice<T extends string>(body: JsonObject, key: string, choices: readonly T[], fallback: T): T {
  const text = optionalString(body, key);
  if (text === undefined) return fallback;
  const found = choices.find((candidate) => candidate === text);
  if (found === undefined) throw invalidParameter(`${key} must be one of ${choices.join(', ')}, not ${text}.`);
  return found;
}
