import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabricks, type SqlOptions } from '../../../emulators/databricks/index.ts';
import { newFolder, PYTHON, TOKEN } from './workspace.ts';

export const WAREHOUSE = '5f1d2c3b4a596877';

export interface Body {
  statement_id: string;
  status: { state: string; error?: { error_code: string; message: string }; sql_state?: string };
  manifest?: {
    format: string;
    schema: { column_count: number; columns: Record<string, unknown>[] };
    total_chunk_count: number;
    total_row_count: number;
    truncated: boolean;
  };
  result?: Chunk;
}

export interface Chunk {
  row_count?: number;
  row_offset?: number;
  data_array?: (string | null)[][];
  next_chunk_index?: number;
  next_chunk_internal_link?: string;
  external_links?: { external_link: string; row_count: number; next_chunk_index?: number }[];
}

/** A workspace whose only purpose is SQL, with a plain client of the Statement Execution API. */
export async function startSqlWorkspace(sql: SqlOptions = {}, data = newFolder()) {
  const workspace = await createDatabricks({ port: 0, data, tokens: [TOKEN], python: PYTHON, spares: 0, sql });
  return { ...workspace, ...sqlClientOf(workspace.url) };
}

/** A plain client of the Statement Execution API. */
export function sqlClientOf(url: string) {
  const request = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as unknown };
  };
  const submit = (statement: string, more: object = {}) =>
    request('POST', '/api/2.0/sql/statements', { statement, warehouse_id: WAREHOUSE, wait_timeout: '30s', ...more });
  const run = async (statement: string, more: object = {}) => (await submit(statement, more)).body as Body;
  const get = async (id: string) => (await request('GET', `/api/2.0/sql/statements/${id}`)).body as Body;
  const until = async (id: string, state: string) => {
    for (let tries = 0; tries < 500; tries += 1) {
      const body = await get(id);
      if (body.status.state === state) return body;
      await sleep(20);
    }
    throw new Error(`statement ${id} did not become ${state}: ${JSON.stringify(await get(id))}`);
  };
  return { request, submit, run, get, until };
}
