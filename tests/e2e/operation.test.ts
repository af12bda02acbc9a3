import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { landFile } from '../../scripts/demo/land-files.ts';
import { REFERENCE, startTestStack, type TestStack } from './support/test-stack.ts';

const AIRPORTS = 'reference/airports.csv';

describe('a stack in operation', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
  });
  afterAll(() => stack.dispose());

  test('announces a publication as a CloudEvent to whoever subscribes', async () => {
    const subscriber = await subscribe(stack, 'watcher');
    const [file] = await stack.land({ 'reference/airlines.csv': join(REFERENCE, 'airlines.csv') }, ['airlines']);
    expect(file?.status).toBe('published');
    const event = await subscriber.next;
    await subscriber.close();
    expect(event).toMatchObject({
      specversion: '1.0',
      type: 'Landfall.DatasetPublished',
      subject: 'airlines',
      data: { dataset: 'airlines', version: 1, batch: 'airlines-00000001', rows: 16 },
    });
  });

  test('sweeps up a file that no event announced', async () => {
    await uploadBehindEventGrid(stack, AIRPORTS, join(REFERENCE, 'airports.csv'));
    expect(await stack.client.all('/files?dataset=airports')).toEqual([]);
    await stack.runTimer('sweep-landing');
    const etag = (await stack.blobs.getContainerClient('landing').getBlobClient(AIRPORTS).getProperties()).etag ?? '';
    const [file] = await stack.follow(new Map([[AIRPORTS, etag.replaceAll('"', '')]]), ['airports']);
    expect(file).toMatchObject({ status: 'published', rows: { read: 1458, loaded: 1458 } });
  });

  test('goes on over its earlier state after a stop', async () => {
    await stack.untilIdle(); // the model's refresh is noted in the runs too
    const before = await stack.client.all('/runs');
    await stack.restart();
    expect(await stack.client.all('/runs')).toEqual(before);
    const etag = await landFile(stack.blobs, join(REFERENCE, 'airlines.csv'), 'reference/airlines.csv');
    const [again] = await stack.follow(new Map([['reference/airlines.csv', etag]]), ['airlines']);
    expect(again?.status).toBe('unchanged');
  });

  test('answers that it is healthy, and that it is not when a system is away', async () => {
    const health = async (): Promise<unknown> => (await fetch(`${stack.api.url}/health`)).json();
    expect(await health()).toEqual({ status: 'ok', systems: { storage: 'ok', cosmos: 'ok', synapse: 'ok' } });
    await stack.kill('synapse');
    expect(await health()).toMatchObject({ status: 'unavailable', systems: { synapse: 'unavailable', cosmos: 'ok' } });
    await stack.start('synapse');
    expect(await health()).toMatchObject({ status: 'ok' });
  });
});

/** Subscribes a small web server to the app's topic; `next` is the first event that it gets. */
async function subscribe(
  stack: TestStack,
  name: string,
): Promise<{ next: Promise<unknown>; close: () => Promise<void> }> {
  let received: (event: unknown) => void = () => undefined;
  const next = new Promise<unknown>((resolve) => {
    received = resolve;
  });
  const server = createServer((request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(200, { 'webhook-allowed-origin': request.headers['webhook-request-origin'] ?? '*' }).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const topic = '/subscriptions/local/resourceGroups/landfall/providers/Microsoft.EventGrid/topics/landfall';
  const url = `http://127.0.0.1:${stack.ports.blob}${topic}/providers/Microsoft.EventGrid/eventSubscriptions/${name}`;
  const properties = {
    destination: { endpointType: 'WebHook', properties: { endpointUrl: `http://127.0.0.1:${port}/` } },
    eventDeliverySchema: 'CloudEventSchemaV1_0',
  };
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ properties }),
  });
  if (!answer.ok) throw new Error(`the subscription was refused: ${await answer.text()}`);
  return {
    next,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Writes straight to Azurite, past the proxy that announces. */
async function uploadBehindEventGrid({ settings, ports }: TestStack, path: string, file: string): Promise<void> {
  const credential = new StorageSharedKeyCredential(
    settings.STORAGE_ACCOUNT_NAME ?? '',
    settings.STORAGE_ACCOUNT_KEY ?? '',
  );
  const azurite = new BlobServiceClient(`http://127.0.0.1:${ports.azurite}/devstoreaccount1`, credential);
  await azurite.getContainerClient('landing').getBlockBlobClient(path).uploadFile(file);
}
