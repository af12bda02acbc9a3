import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { webhook } from '../durable-client.ts';
import { eventually } from '../start-host.ts';
import { type StorageApp, startStorageApp } from '../storage-app.ts';

let app: StorageApp;
let service: BlobServiceClient;

beforeAll(async () => {
  app = await startStorageApp();
  service = BlobServiceClient.fromConnectionString(app.connectionString);
});
afterAll(() => app.stop());

const upload = async (container: string, name: string, text: string, metadata: Record<string, string> = {}) => {
  const client = service.getContainerClient(container);
  await client.createIfNotExists();
  await client.getBlockBlobClient(name).upload(text, Buffer.byteLength(text), { metadata });
};
const read = async (container: string, name: string) =>
  (await service.getContainerClient(container).getBlobClient(name).downloadToBuffer()).toString();

describe('a blob trigger that scans', () => {
  test('gets each blob whose name matches, with what is known of it', async () => {
    await upload('inbox', 'a.b.txt', 'first', { owner: 'ada' });
    await upload('inbox', 'no-extension', 'ignored');
    const { metadata } = await app.seen('scanned', 'first');
    expect(metadata).toMatchObject({
      blobTrigger: 'inbox/a.b.txt',
      uri: expect.stringMatching(/\/inbox\/a\.b\.txt$/),
      name: 'a.b',
      extension: 'txt',
      metadata: { owner: 'ada' },
      properties: { contentLength: 5, eTag: expect.any(String), blobType: 'BlockBlob' },
    });
    await app.seen('copied', 'first');
    expect(await read('outbox', 'a.b-copy.txt')).toBe('first');
    expect((await app.calls('scanned')).map(({ value }) => value)).not.toContain('ignored');
  });

  test('gets each version once, also across a restart', async () => {
    await upload('inbox', 'versions.txt', 'version 1');
    await app.seen('scanned', 'version 1');
    expect(await app.host.stop()).toBe(0);
    await upload('inbox', 'versions.txt', 'version 2');
    await app.restart();
    await app.seen('scanned', 'version 2');
    await upload('inbox', 'last.txt', 'last');
    await app.seen('scanned', 'last');
    const values = (await app.calls('scanned')).map(({ value }) => value);
    expect(values.sort()).toEqual(['last', 'version 2']);
  });

  test('tries a failing blob again, then tells the poison queue', async () => {
    await upload('broken', 'one', 'trouble');
    const message = await eventually(async () => (await app.calls('brokenPoison'))[0], 'the poison message');
    expect(message.value).toMatchObject({
      FunctionId: 'Host.Functions.broken',
      ContainerName: 'broken',
      BlobName: 'one',
      ETag: expect.any(String),
    });
    expect(await app.calls('broken')).toHaveLength(2);
  });

  test('gives a client instead of the content to a function with SDK bindings', async () => {
    await upload('clients-other', 'x', 'the other');
    await upload('clients', 'x', 'the one');
    const { metadata } = await app.seen('clients', 'the one and the other');
    expect(metadata).toMatchObject({ properties: { contentLength: 7 } });
  });

  test('runs by hand with the path of a blob', async () => {
    await upload('elsewhere', 'x.txt', 'by hand');
    await fetch(`${app.host.url}/admin/functions/copied`, {
      method: 'POST',
      headers: { 'x-functions-key': app.host.keys.master },
      body: JSON.stringify({ input: 'elsewhere/x.txt' }),
    });
    await app.seen('copied', 'by hand');
  });
});

describe('a blob trigger that Event Grid announces', () => {
  const url = (key: string) =>
    `${app.host.url}/runtime/webhooks/blobs?functionName=Host.Functions.announced&code=${key}`;
  const notify = (events: unknown) =>
    fetch(url(app.host.keys.systemKeys.blobs_extension), {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification' },
      body: JSON.stringify(events),
    });
  const created = (name: string) => ({
    eventType: 'Microsoft.Storage.BlobCreated',
    subject: `/blobServices/default/containers/announced/blobs/${name}`,
  });

  test('gets the blobs of the events in both schemas, whose names match', async () => {
    await upload('announced', 'one.csv', '1,2');
    await upload('announced', 'two.csv', '3,4');
    await upload('announced', 'other.txt', 'other');
    expect((await notify([created('one.csv'), created('other.txt')])).status).toBe(202);
    const { eventType: type, subject } = created('two.csv');
    expect((await notify({ specversion: '1.0', type, subject })).status).toBe(202);
    await app.seen('announced', '1,2');
    await app.seen('announced', '3,4');
    expect(await app.calls('announced')).toHaveLength(2);
  });

  test('answers the handshake, and only with its key', async () => {
    const init = {
      method: 'POST',
      headers: { 'aeg-event-type': 'SubscriptionValidation' },
      body: JSON.stringify([{ data: { validationCode: 'abc' } }]),
    };
    expect((await fetch(url('wrong'), init)).status).toBe(401);
    const answer = await fetch(url(app.host.keys.systemKeys.blobs_extension), init);
    expect(await answer.json()).toEqual({ validationResponse: 'abc' });
  });
});

describe('blob inputs and outputs of an HTTP function', () => {
  const get = async (path: string) => (await fetch(`${app.host.url}/api/documents/${path}`)).json();

  test('have paths of route and query parameters', async () => {
    await upload('documents', 'letters/dear.txt', 'Dear reader');
    expect(await get('letters?name=dear.txt')).toEqual({ text: 'Dear reader' });
    const names: string[] = [];
    for await (const { name } of service.getContainerClient('documents').listBlobsFlat()) names.push(name);
    const written = names.find((name) => /^letters\/[0-9a-f-]{36}\.json$/.test(name)) ?? '';
    expect(JSON.parse(await read('documents', written))).toEqual({ read: 'Dear reader' });
  });

  test('never leave their container', async () => {
    await upload('private', 'secret.txt', 'secret');
    const answer = await fetch(`${app.host.url}/api/documents/letters?name=..%2F..%2Fprivate%2Fsecret.txt`);
    expect([answer.status, await answer.text()]).toEqual([500, '']);
  });

  test('are nothing when the blob is not there', async () => {
    expect(await get('letters?name=missing.txt')).toEqual({ text: null });
  });
});

test('an activity writes a blob that is named after its input and its instance', async () => {
  const answer = await fetch(webhook(app.host, 'orchestrators/backUpAll/nightly?timeout=8'), {
    method: 'POST',
    body: JSON.stringify([
      { backupPath: 'a/one.txt', text: 'one' },
      { backupPath: 'three.txt', text: 'three' },
    ]),
  });
  expect([answer.status, await answer.json()]).toEqual([200, [3, 5]]);
  expect(await read('backups', 'nightly/a/one.txt')).toBe('one');
  expect(await read('backups', 'nightly/three.txt')).toBe('three');
});
