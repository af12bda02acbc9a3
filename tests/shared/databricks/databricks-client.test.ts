import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createDatabricksClient, type DatabricksClient } from '../../../src/shared/databricks/databricks-client.ts';

/** A workspace that answers what a test says, and keeps what it was asked. */
async function workspace(
  answer: (path: string) => [number, string],
): Promise<{ client: DatabricksClient; asked: { path: string; body: string }[]; server: Server }> {
  const asked: { path: string; body: string }[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      asked.push({ path: request.url ?? '', body });
      const [status, text] = answer(request.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { client: createDatabricksClient(`http://127.0.0.1:${port}`, async () => 'token'), asked, server };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

describe('the Databricks client', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  test('keeps ids of 64 bits to the last digit, in answers and in requests', async () => {
    const it = await workspace((path) => [
      200,
      path.includes('list') ? '{"jobs":[{"job_id":9007199254740993}]}' : '{"run_id":9007199254740995}',
    ]);
    server = it.server;
    expect(await it.client.startJob('landfall-cleanse', { context_uri: 'abfss://x' }, 'b:cleanse:1')).toBe(
      '9007199254740995',
    );
    expect(it.asked.at(-1)?.body).toContain('"job_id":9007199254740993,"idempotency_token":"b:cleanse:1"');
  });

  test.each([
    ['RUNNING', undefined, 'active'],
    ['TERMINATED', 'SUCCESS', 'succeeded'],
    ['TERMINATED', 'FAILED', 'failed'],
    ['TERMINATED', 'CANCELED', 'canceled'],
    ['INTERNAL_ERROR', 'FAILED', 'failed'],
    ['SKIPPED', undefined, 'failed'],
  ])('takes %s with result %s for %s', async (life_cycle_state, result_state, expected) => {
    const it = await workspace(() => [200, JSON.stringify({ run_id: 1, state: { life_cycle_state, result_state } })]);
    server = it.server;
    expect((await it.client.getRun('1')).state).toBe(expected);
  });

  test('says what the service said when it refuses', async () => {
    const it = await workspace(() => [
      400,
      '{"error_code":"INVALID_PARAMETER_VALUE","message":"Run 1 does not exist."}',
    ]);
    server = it.server;
    await expect(it.client.getRun('1')).rejects.toThrow('400 INVALID_PARAMETER_VALUE Run 1 does not exist.');
  });

  test('tells how to deploy a job that is missing', async () => {
    const it = await workspace(() => [200, '{}']);
    server = it.server;
    await expect(it.client.startJob('landfall-score', {}, 't')).rejects.toThrow(
      "no job 'landfall-score': deploy the bundle",
    );
  });
});
