import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createStatementClient, type StatementClient } from '../../../src/shared/databricks/statement-client.ts';
import { readAll } from '../../../src/shared/sql/read-all.ts';

type Answer = [status: number, body: object | string];

describe('the statement client', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** A workspace that gives these answers in turn, the last one again and again. */
  async function workspace(
    ...answers: Answer[]
  ): Promise<{ client: StatementClient; asked: { path: string; body: string }[] }> {
    const asked: { path: string; body: string }[] = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        asked.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString('utf8') });
        const [status, body] = answers[Math.min(asked.length, answers.length) - 1] ?? [500, {}];
        response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { client: createStatementClient(`http://127.0.0.1:${port}`, async () => 'token', 'wh', 'main'), asked };
  }

  const succeeded = (rows: string[][], next?: number) => ({
    statement_id: 's',
    status: { state: 'SUCCEEDED' },
    manifest: { schema: { columns: [{ name: 'a', type_name: 'LONG', type_text: 'BIGINT' }] }, total_row_count: 2 },
    result: { data_array: rows, ...(next === undefined ? {} : { next_chunk_index: next }) },
  });
  const limits = { rows: 10, bytes: 1000, waitSeconds: 5, timeoutSeconds: 1 };

  test('sends limits and parameters, null as a value that is absent', async () => {
    const { client, asked } = await workspace([200, succeeded([['1']])]);
    await client.submit('SELECT :x', [{ name: 'x', value: null, type: 'INT' }], limits);
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      statement: 'SELECT :x',
      warehouse_id: 'wh',
      catalog: 'main',
      parameters: [{ name: 'x', type: 'INT' }],
      row_limit: 10,
      byte_limit: 1000,
      wait_timeout: '5s',
      on_wait_timeout: 'CONTINUE',
      disposition: 'INLINE',
      format: 'JSON_ARRAY',
    });
  });

  test('reads a result to its end, waiting and going from chunk to chunk', async () => {
    const { client, asked } = await workspace(
      [200, { statement_id: 's', status: { state: 'PENDING' } }],
      [200, succeeded([['1']], 1)],
      [200, { data_array: [['2']] }],
    );
    expect(await readAll(client, 'SELECT a', [], limits)).toEqual([{ a: '1' }, { a: '2' }]);
    expect(asked.map(({ path }) => path)).toEqual([
      '/api/2.0/sql/statements',
      '/api/2.0/sql/statements/s',
      '/api/2.0/sql/statements/s/result/chunks/1',
    ]);
  });

  test('ends a query that takes longer than its limit', async () => {
    const { client, asked } = await workspace([200, { statement_id: 's', status: { state: 'RUNNING' } }]);
    await expect(readAll(client, 'SELECT a', [], limits)).rejects.toMatchObject({ status: 504 });
    expect(asked.at(-1)?.path).toBe('/api/2.0/sql/statements/s/cancel');
  });

  test('passes the engine’s message on', async () => {
    const error = { error_code: 'BAD_REQUEST', message: '[TABLE_OR_VIEW_NOT_FOUND] nope' };
    const { client } = await workspace([200, { statement_id: 's', status: { state: 'FAILED', error } }]);
    await expect(readAll(client, 'SELECT a', [], limits)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('[TABLE_OR_VIEW_NOT_FOUND] nope'),
    });
  });

  test('takes 404 for a statement that is not there, and all else that is refused for an error', async () => {
    const missing = await workspace([404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'gone' }]);
    expect([await missing.client.get('x'), await missing.client.cancel('x')]).toEqual([undefined, false]);
    server?.close();
    const broken = await workspace([502, '<html>bad gateway</html>']);
    await expect(broken.client.get('x')).rejects.toThrow(/502 {2}<html>bad gateway/);
  });
});
