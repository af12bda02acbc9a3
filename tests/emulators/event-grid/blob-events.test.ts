import { randomBytes } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEventGrid, type EventGrid } from '../../../emulators/event-grid/index.ts';
import {
  onlyContainer,
  onStorage,
  type Received,
  type Subscriber,
  startAzurite,
  startSubscriber,
  storageClient,
  subscribe,
  temporaryFolder,
  until,
} from './start-event-grid.ts';

const folder = temporaryFolder();
let azurite: Awaited<ReturnType<typeof startAzurite>>;
let eventGrid: EventGrid;
let subscriber: Subscriber;
let count = 0;

beforeAll(async () => {
  azurite = await startAzurite();
  subscriber = await startSubscriber();
  eventGrid = await createEventGrid({
    port: 0,
    dataDirectory: folder.path,
    blobEndpoint: azurite.endpoint,
    log: () => {},
  });
  await subscribe(onStorage(eventGrid.url, 'all-of-it'), subscriber.url, {
    filter: { subjectBeginsWith: '/blobServices/default/containers/announced' },
  });
}, 20_000);
afterAll(async () => {
  await eventGrid.close();
  await subscriber.close();
  await azurite.stop();
  folder.remove();
});

async function newContainer(prefix = 'announced'): Promise<ContainerClient> {
  const container = storageClient(eventGrid.url).getContainerClient(`${prefix}-${++count}`);
  await container.create();
  return container;
}

async function eventsOf(container: ContainerClient, wanted: number): Promise<Received[]> {
  const mine = (): Received[] =>
    subscriber.received.filter(({ subject }) => subject.includes(`/${container.containerName}/`));
  await until(() => mine().length >= wanted, `${wanted} events of ${container.containerName}`);
  await new Promise((resolve) => setTimeout(resolve, 30));
  return mine().toSorted((left, right) => (String(left.data.sequencer) < String(right.data.sequencer) ? -1 : 1));
}

test('a Put Blob fires BlobCreated with the fields of the real event', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('2024/a b/ü.csv');
  const put = await blob.upload('hello', 5, { blobHTTPHeaders: { blobContentType: 'text/csv' } });
  const [event, ...more] = await eventsOf(container, 1);
  expect(more).toEqual([]);
  expect(event?.body).toMatchObject({
    eventType: 'Microsoft.Storage.BlobCreated',
    subject: `/blobServices/default/containers/${container.containerName}/blobs/2024/a b/ü.csv`,
    topic: expect.stringMatching(
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft.Storage\/storageAccounts\/devstoreaccount1$/,
    ),
    dataVersion: '',
    metadataVersion: '1',
    data: {
      api: 'PutBlob',
      clientRequestId: put.clientRequestId,
      requestId: put.requestId,
      eTag: put.etag?.replaceAll('"', ''),
      contentType: 'text/csv',
      contentLength: 5,
      blobType: 'BlockBlob',
      url: blob.url,
      sequencer: expect.stringMatching(/^[0-9A-F]{32}$/),
      storageDiagnostics: { batchId: expect.any(String) },
    },
  });
  expect(event?.headers).toMatchObject({
    'aeg-event-type': 'Notification',
    'aeg-subscription-name': 'ALL-OF-IT',
    'aeg-delivery-count': '0',
    'aeg-metadata-version': '1',
  });
});

test('staged blocks fire nothing, and the block list that commits them fires one event with the whole length', async () => {
  const container = await newContainer();
  const content = randomBytes(5_000_000);
  const blob = container.getBlockBlobClient('big.bin');
  await blob.uploadData(content, { blockSize: 1_000_000, maxSingleShotSize: 1_000_000 });
  const events = await eventsOf(container, 1);
  expect(events.map(({ data }) => [data.api, data.contentLength])).toEqual([['PutBlockList', 5_000_000]]);
  expect((await blob.downloadToBuffer()).equals(content)).toBe(true);
});

test('a large blob written in one request arrives whole', async () => {
  const container = await newContainer();
  const content = randomBytes(16_000_000);
  const blob = container.getBlockBlobClient('large.bin');
  await blob.upload(content, content.length);
  const [event] = await eventsOf(container, 1);
  expect(event?.data).toMatchObject({ api: 'PutBlob', contentLength: 16_000_000 });
  expect((await blob.downloadToBuffer()).equals(content)).toBe(true);
});

test('an upload that is broken off fires nothing and does not hold up the next one to the same blob', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('broken');
  const abort = new AbortController();
  const slow = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(100_000)),
  });
  const answer = fetch(blob.url, {
    method: 'PUT',
    headers: { 'x-ms-blob-type': 'BlockBlob' },
    body: slow,
    duplex: 'half',
    signal: abort.signal,
  } as RequestInit);
  await new Promise((resolve) => setTimeout(resolve, 50));
  abort.abort();
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  await blob.upload('whole', 5);
  const events = await eventsOf(container, 1);
  expect(events.map(({ data }) => data.contentLength)).toEqual([5]);
});

test('copies, and page and append blobs, are announced with their own kind and length', async () => {
  const container = await newContainer();
  const source = container.getBlockBlobClient('source');
  await source.upload('12345', 5);
  await (await container.getBlockBlobClient('copy').beginCopyFromURL(source.url)).pollUntilDone();
  await container.getAppendBlobClient('append').create();
  await container.getAppendBlobClient('append').appendBlock('more', 4);
  await container.getPageBlobClient('page').create(1024);
  const events = await eventsOf(container, 4);
  expect(events.map(({ data }) => [data.api, data.blobType, data.contentLength])).toEqual([
    ['PutBlob', 'BlockBlob', 5],
    ['CopyBlob', 'BlockBlob', 5],
    ['PutBlob', 'AppendBlob', 0],
    ['PutBlob', 'PageBlob', 1024],
  ]);
});

test('a deleted blob fires BlobDeleted, a deleted snapshot nothing', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('short-lived');
  await blob.upload('x', 1, { blobHTTPHeaders: { blobContentType: 'text/plain' } });
  const { snapshot } = await blob.createSnapshot();
  await blob.withSnapshot(String(snapshot)).delete();
  await blob.delete();
  const events = await eventsOf(container, 2);
  expect(events.map(({ body }) => body.eventType)).toEqual([
    'Microsoft.Storage.BlobCreated',
    'Microsoft.Storage.BlobDeleted',
  ]);
  expect(events[1]?.data).toMatchObject({ api: 'DeleteBlob', contentType: 'text/plain', blobType: 'BlockBlob' });
  expect(events[1]?.data).not.toHaveProperty('contentLength');
});

test('blobs deleted in one batch are announced one by one, if they were there', async () => {
  const container = await newContainer();
  const blobs = ['one', 'two', 'not there'].map((name) => container.getBlockBlobClient(name));
  for (const blob of blobs.slice(0, 2)) await blob.upload('x', 1);
  const batch = await storageClient(eventGrid.url).getBlobBatchClient().deleteBlobs(blobs);
  expect([batch.subResponsesSucceededCount, batch.subResponsesFailedCount]).toEqual([2, 1]);
  const deleted = (await eventsOf(container, 4)).filter(({ data }) => data.api === 'DeleteBlob');
  expect(deleted.map(({ subject }) => subject.split('/').at(-1)).toSorted()).toEqual(['one', 'two']);
});

test('writes that fail, and writes that nobody subscribes to, fire nothing', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('once');
  await blob.upload('1', 1);
  await expect(blob.upload('2', 1, { conditions: { ifNoneMatch: '*' } })).rejects.toMatchObject({ statusCode: 409 });
  await expect(container.getBlockBlobClient('missing').delete()).rejects.toMatchObject({ statusCode: 404 });
  const elsewhere = await newContainer('silent');
  await elsewhere.getBlockBlobClient('x').upload('1', 1);
  expect((await eventsOf(container, 1)).map(({ data }) => data.api)).toEqual(['PutBlob']);
  expect(subscriber.received.some(({ subject }) => subject.includes('silent'))).toBe(false);
});

test('a wrong signature is refused by the blob service itself', async () => {
  const answer = await fetch(`${eventGrid.url}/devstoreaccount1/announced-x/blob`, {
    method: 'PUT',
    headers: {
      'x-ms-blob-type': 'BlockBlob',
      authorization: 'SharedKey devstoreaccount1:AAAA',
      'x-ms-version': '2021-12-02',
    },
    body: 'x',
  });
  expect(answer.status).toBe(403);
});

test('while the blob service is down, clients get 503 ServerBusy, which they wait out', async () => {
  const own = temporaryFolder();
  const down = await createEventGrid({
    port: 0,
    dataDirectory: own.path,
    blobEndpoint: 'http://127.0.0.1:9',
    log: () => {},
  });
  await subscribe(onStorage(down.url, 'landing'), subscriber.url, onlyContainer('c'));
  const blob = storageClient(down.url).getContainerClient('c').getBlockBlobClient('b');
  await expect(blob.upload('x', 1)).rejects.toMatchObject({ statusCode: 503, code: 'ServerBusy' });
  await expect(blob.getProperties()).rejects.toMatchObject({ statusCode: 503 });
  await down.close();
  own.remove();
});
