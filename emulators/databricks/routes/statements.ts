import { createHmac } from 'node:crypto';
import { Hono } from 'hono';
import { ApiError, invalidParameter } from '../api-error.ts';
import { readStatement, type StatementRecord } from '../domain/statement.ts';
import type { ChunkInfo } from '../sql/sql-worker.ts';
import type { SqlWarehouse } from '../sql/warehouse.ts';
import { bodyOf } from './requests.ts';

const BASE = '/api/2.0/sql/statements';
const LINK_LIVES_MS = 15 * 60_000;
const CONTENT_TYPES = {
  JSON_ARRAY: 'application/json',
  CSV: 'text/csv',
  ARROW_STREAM: 'application/vnd.apache.arrow.stream',
} as const;

/** `/api/2.0/sql/statements`. Source: docs.databricks.com/api/workspace/statementexecution. */
export function statementRoutes(warehouse: SqlWarehouse, url: () => string): Hono {
  const app = new Hono();

  app.post('/', async (context) => {
    const spec = readStatement(await bodyOf(context));
    if (spec.warehouseId !== warehouse.id) throw warehouseDoesNotExist(spec.warehouseId);
    const { id } = warehouse.submit(spec);
    const statement = await warehouse.wait(id, spec.waitMs);
    if (statement?.endTime === 0 && spec.waitMs > 0 && spec.onWaitTimeout === 'CANCEL') warehouse.cancel(id);
    return context.json(await present(known(warehouse.get(id), id)));
  });

  app.get('/:id', async (context) => {
    const id = context.req.param('id');
    return context.json(await present(known(warehouse.get(id), id)));
  });

  app.get('/:id/result/chunks/:index', async (context) => {
    const id = context.req.param('id');
    const statement = known(warehouse.get(id), id);
    const index = Number(context.req.param('index'));
    const chunk = statement.result?.chunks[index];
    if (chunk === undefined) {
      throw invalidParameter(
        statement.result === undefined
          ? `The statement ${id} has no result: it is ${statement.state}.`
          : `Chunk ${context.req.param('index')} does not exist; the result has ${statement.result.chunks.length}.`,
      );
    }
    return context.json(await presentChunk(statement, chunk));
  });

  app.post('/:id/cancel', (context) => {
    const id = context.req.param('id');
    known(warehouse.get(id), id);
    warehouse.cancel(id);
    return context.body(null, 200);
  });

  async function present(statement: StatementRecord): Promise<object> {
    const { id, state, result, error, spec } = statement;
    const { sql_state: sqlState, ...reason } = error ?? {};
    const status = { state, ...(error && { error: reason }), ...(sqlState !== undefined && { sql_state: sqlState }) };
    if (result === undefined) return { statement_id: id, status };
    const [first] = result.chunks;
    return {
      statement_id: id,
      status,
      manifest: {
        format: spec.format,
        schema: { column_count: result.columns.length, columns: result.columns },
        total_chunk_count: result.chunks.length,
        ...(result.chunks.length > 0 && { chunks: result.chunks }),
        total_row_count: result.total_row_count,
        total_byte_count: result.total_byte_count,
        truncated: result.truncated,
      },
      result: first === undefined ? {} : await presentChunk(statement, first),
    };
  }

  async function presentChunk(statement: StatementRecord, chunk: ChunkInfo): Promise<object> {
    const { id, spec, result } = statement;
    const next = chunk.chunk_index + 1;
    const onward =
      next < (result?.chunks.length ?? 0)
        ? { next_chunk_index: next, next_chunk_internal_link: `${BASE}/${id}/result/chunks/${next}` }
        : {};
    if (spec.disposition === 'INLINE') {
      const rows = JSON.parse((await warehouse.chunk(statement, chunk.chunk_index)).toString('utf8')) as unknown;
      return { ...chunk, data_array: rows, ...onward };
    }
    const expires = Date.now() + LINK_LIVES_MS;
    const link = `${url()}/sql-results/${id}/${chunk.chunk_index}?expires=${expires}&sig=${signature(statement, chunk.chunk_index, expires)}`;
    return {
      external_links: [{ ...chunk, external_link: link, expiration: new Date(expires).toISOString(), ...onward }],
    };
  }

  return app;
}

/** The links of EXTERNAL_LINKS: they stand for storage, so they take no credentials but what is in them. */
export function resultRoutes(warehouse: SqlWarehouse): Hono {
  const app = new Hono();
  app.get('/:id/:index', async (context) => {
    const { id, index } = context.req.param();
    const statement = warehouse.get(id);
    const expires = Number(context.req.query('expires'));
    if (
      !(expires > Date.now()) ||
      statement?.result?.chunks[Number(index)] === undefined ||
      context.req.query('sig') !== signature(statement, Number(index), expires)
    )
      throw new ApiError(
        403,
        'PERMISSION_DENIED',
        'The link has expired or is not one of this workspace; ask for the chunk again.',
      );
    if (context.req.header('authorization') !== undefined) {
      throw invalidParameter(
        'Download external links without an Authorization header: the link itself is the credential.',
      );
    }
    const content = await warehouse.chunk(statement, Number(index));
    return context.body(new Uint8Array(content), 200, { 'content-type': CONTENT_TYPES[statement.spec.format] });
  });
  return app;
}

function signature(statement: StatementRecord, index: number, expires: number): string {
  return createHmac('sha256', statement.secret).update(`${index} ${expires}`).digest('base64url');
}

function known(statement: StatementRecord | undefined, id: string): StatementRecord {
  if (statement === undefined) {
    throw new ApiError(404, 'RESOURCE_DOES_NOT_EXIST', `The statement ${id} was not found.`);
  }
  return statement;
}

function warehouseDoesNotExist(id: string): ApiError {
  return new ApiError(404, 'RESOURCE_DOES_NOT_EXIST', `SQL warehouse ${id} does not exist.`);
}
