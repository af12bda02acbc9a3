import { LandfallError } from '../errors.ts';

/** A parameter of a statement, bound by name (`:name`), never spliced into its text. */
export interface StatementParameter {
  readonly name: string;
  /** Null is SQL's NULL. */
  readonly value: string | null;
  /** A SQL type such as `INT`, `DATE` or `DECIMAL(18,2)`. */
  readonly type: string;
}

/** What the service may spend on a statement. */
export interface StatementLimits {
  readonly rows: number;
  readonly bytes: number;
  /** How long the call waits for the result: 0, or 5 to 50. */
  readonly waitSeconds: number;
}

export interface StatementColumn {
  readonly name: string;
  /** `LONG`, `STRING`, `DECIMAL`, `STRUCT`, …: the service's names. */
  readonly type: string;
  readonly typeText: string;
}

/** One stretch of a result; every value is text or null, as the service sends them. */
export interface StatementRows {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly nextChunk?: number;
}

/** How a statement stands. */
export type Statement =
  | { readonly state: 'running'; readonly id: string }
  | {
      readonly state: 'succeeded';
      readonly id: string;
      readonly columns: readonly StatementColumn[];
      readonly rowCount: number;
      readonly truncated: boolean;
      readonly first: StatementRows;
    }
  | { readonly state: 'failed'; readonly id: string; readonly code: string; readonly message: string }
  | { readonly state: 'canceled' | 'closed'; readonly id: string };

/** The Statement Execution API as far as the app uses it. Not found is undefined. */
export interface StatementClient {
  /** Starts a statement and waits for it, as long as the limits say. */
  submit(statement: string, parameters: readonly StatementParameter[], limits: StatementLimits): Promise<Statement>;
  get(id: string): Promise<Statement | undefined>;
  rows(id: string, chunk: number): Promise<StatementRows | undefined>;
  /** Asks for the end of a statement; false when there is none. One that has ended stays as it is. */
  cancel(id: string): Promise<boolean>;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Statements on one SQL warehouse.
 * Source: docs.databricks.com/api/azure/workspace/statementexecution.
 * @param token gives a bearer token: a personal access token or one of Entra ID.
 */
export function createStatementClient(
  host: string,
  token: () => Promise<string>,
  warehouseId: string,
  catalog: string,
): StatementClient {
  const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Json | undefined> => {
    const response = await fetch(`${host}/api/2.0/sql/statements${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    const answer = text === '' ? {} : parseObject(text);
    if (response.ok) return answer;
    if (response.status === 404 && path !== '') return undefined;
    throw new LandfallError(
      'DatabricksError',
      `Databricks refused ${method} sql/statements${path}: ${response.status} ${String(answer.error_code ?? '')} ${String(answer.message ?? '')}`.trim(),
    );
  };
  return {
    async submit(statement, parameters, limits) {
      const answer = await call('POST', '', {
        statement,
        warehouse_id: warehouseId,
        catalog,
        parameters: parameters.map(({ name, value, type }) => ({ name, type, ...(value === null ? {} : { value }) })),
        row_limit: limits.rows,
        byte_limit: limits.bytes,
        wait_timeout: `${limits.waitSeconds}s`,
        on_wait_timeout: 'CONTINUE',
        disposition: 'INLINE',
        format: 'JSON_ARRAY',
      });
      return toStatement(answer ?? {});
    },
    async get(id) {
      const answer = await call('GET', `/${encodeURIComponent(id)}`);
      return answer && toStatement(answer);
    },
    async rows(id, chunk) {
      const answer = await call('GET', `/${encodeURIComponent(id)}/result/chunks/${chunk}`);
      return answer && toRows(answer);
    },
    cancel: async (id) => (await call('POST', `/${encodeURIComponent(id)}/cancel`)) !== undefined,
  };
}

function toStatement(answer: Json): Statement {
  const id = String(answer.statement_id);
  const status = object(answer.status);
  const { error_code: code, message } = object(status.error);
  switch (status.state) {
    case 'PENDING':
    case 'RUNNING':
      return { state: 'running', id };
    case 'CANCELED':
      return { state: 'canceled', id };
    case 'CLOSED':
      return { state: 'closed', id };
    case 'FAILED':
      return { state: 'failed', id, code: String(code ?? 'UNKNOWN'), message: String(message ?? 'no reason given') };
    case 'SUCCEEDED':
      return toSucceeded(id, object(answer.manifest), object(answer.result));
    default:
      throw new LandfallError('DatabricksError', `Statement ${id} has the unknown state ${String(status.state)}.`);
  }
}

function toSucceeded(id: string, manifest: Json, result: Json): Statement {
  const { columns } = object(manifest.schema);
  return {
    state: 'succeeded',
    id,
    columns: (Array.isArray(columns) ? columns : []).map(object).map((column) => ({
      name: String(column.name),
      type: String(column.type_name),
      typeText: String(column.type_text),
    })),
    rowCount: Number(manifest.total_row_count ?? 0),
    truncated: manifest.truncated === true,
    first: toRows(result),
  };
}

function toRows(result: Json): StatementRows {
  const { data_array: rows, next_chunk_index: nextChunk } = result;
  return {
    rows: (Array.isArray(rows) ? rows : []) as (string | null)[][],
    ...(typeof nextChunk === 'number' ? { nextChunk } : {}),
  };
}

function parseObject(text: string): Json {
  try {
    return object(JSON.parse(text));
  } catch {
    return { message: text.slice(0, 500) }; // a gateway in between answers in HTML
  }
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
