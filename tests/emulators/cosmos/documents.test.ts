import type { Container, CosmosClient } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, startCosmos } from './start-cosmos.ts';

let url: string;
let client: CosmosClient;
let container: Container;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ url, client, container, stop } = await startCosmos());
});
afterAll(() => stop());

const codeOf = (promise: Promise<unknown>): Promise<number> =>
  promise.then(
    () => 0,
    (error: { code: number }) => error.code,
  );
const ifMatch = (condition: string) => ({ accessCondition: { type: 'IfMatch', condition } });

describe('databases and containers', () => {
  test('creating what exists gives what is there, and creating it outright is a conflict', async () => {
    const again = await client.databases.createIfNotExists({ id: 'insights' });
    expect(again.statusCode).toBe(200);
    expect(await codeOf(client.databases.create({ id: 'insights' }))).toBe(409);
    expect(await codeOf(again.database.containers.create({ id: 'rows', partitionKey: '/pk' }))).toBe(409);
  });

  test('a container keeps its documents when its settings are replaced', async () => {
    const { database } = await client.databases.createIfNotExists({ id: 'settings' });
    const made = await database.containers.create({ id: 'kept', partitionKey: '/pk' });
    await made.container.items.create({ id: '1', pk: 'a' });
    await made.container.replace({ id: 'kept', partitionKey: { paths: ['/pk'] }, defaultTtl: 60 });
    expect((await made.container.read()).resource?.defaultTtl).toBe(60);
    expect((await made.container.item('1', 'a').read()).statusCode).toBe(200);
  });

  test('deleting a database takes its containers along', async () => {
    const { database } = await client.databases.create({ id: 'short-lived' });
    await database.containers.create({ id: 'c', partitionKey: '/pk' });
    await database.delete();
    expect(await codeOf(database.container('c').read())).toBe(404);
  });

  test('a partition key of several levels is refused rather than mistaken for its first', async () => {
    const { database } = await client.databases.createIfNotExists({ id: 'levels' });
    const definition = { id: 'deep', partitionKey: { paths: ['/a', '/b'], kind: 'MultiHash', version: 2 } };
    expect(await codeOf(database.containers.create(definition as never))).toBe(400);
    expect(await codeOf(database.container('deep').read())).toBe(404);
  });
});

describe('documents', () => {
  test('a document that is not there reads as 404 without an exception', async () => {
    expect(await container.item('nobody', 'a').read()).toMatchObject({ statusCode: 404, resource: undefined });
  });

  test('a created document reads back with its system properties', async () => {
    const created = await container.items.create({ id: 'c-1', pk: 'create', value: 1 });
    const read = await container.item('c-1', 'create').read();
    expect(created.statusCode).toBe(201);
    expect(read.resource).toMatchObject({ id: 'c-1', pk: 'create', value: 1, _etag: created.etag });
    expect(read.resource?._ts).toBeGreaterThan(1_700_000_000);
  });

  test('creating an id twice in one partition is a conflict, in two partitions it is not', async () => {
    await container.items.create({ id: 'c-2', pk: 'one' });
    expect(await codeOf(container.items.create({ id: 'c-2', pk: 'one' }))).toBe(409);
    expect((await container.items.create({ id: 'c-2', pk: 'two' })).statusCode).toBe(201);
  });

  test('upsert creates with 201, then replaces with 200 and a new ETag', async () => {
    const first = await container.items.upsert({ id: 'u-1', pk: 'upsert', n: 1 });
    const second = await container.items.upsert({ id: 'u-1', pk: 'upsert', n: 2 });
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(second.etag).not.toBe(first.etag);
  });

  test('a write under If-Match succeeds with the current ETag and fails with 412 with an older one', async () => {
    const { etag } = await container.items.create({ id: 'm-1', pk: 'match', n: 1 });
    const item = container.item('m-1', 'match');
    expect((await item.replace({ id: 'm-1', pk: 'match', n: 2 }, ifMatch(etag))).statusCode).toBe(200);
    expect(await codeOf(item.replace({ id: 'm-1', pk: 'match', n: 3 }, ifMatch(etag)))).toBe(412);
    expect(await codeOf(container.items.upsert({ id: 'm-1', pk: 'match', n: 3 }, ifMatch(etag)))).toBe(412);
    expect(await codeOf(item.delete(ifMatch(etag)))).toBe(412);
    expect((await item.read()).resource?.n).toBe(2);
  });

  test('a read under If-None-Match with the current ETag answers 304', async () => {
    const { etag } = await container.items.create({ id: 'n-1', pk: 'none' });
    const options = { accessCondition: { type: 'IfNoneMatch', condition: etag } };
    expect((await container.item('n-1', 'none').read(options)).statusCode).toBe(304);
  });

  test('patch sets, increments and removes, and refuses what the document does not fulfil', async () => {
    await container.items.create({ id: 'p-1', pk: 'patch', n: 1, old: true });
    const item = container.item('p-1', 'patch');
    const { resource } = await item.patch([
      { op: 'incr', path: '/n', value: 4 },
      { op: 'set', path: '/name', value: 'x' },
      { op: 'remove', path: '/old' },
    ]);
    expect(resource).toMatchObject({ n: 5, name: 'x' });
    expect(resource).not.toHaveProperty('old');
    const unmet = item.patch({
      condition: 'from c where c.n > 100',
      operations: [{ op: 'incr', path: '/n', value: 1 }],
    });
    expect(await codeOf(unmet)).toBe(412);
  });

  test('a deleted document is gone, and deleting it again is 404', async () => {
    await container.items.create({ id: 'd-1', pk: 'delete' });
    expect((await container.item('d-1', 'delete').delete()).statusCode).toBe(204);
    expect(await codeOf(container.item('d-1', 'delete').delete())).toBe(404);
  });

  test('a write to a container that does not exist is 404', async () => {
    expect(await codeOf(client.database('insights').container('nowhere').items.create({ id: '1', pk: 'a' }))).toBe(404);
  });

  test('an expired document shows neither in reads nor in queries', async () => {
    await container.items.create({ id: 't-1', pk: 'ttl', ttl: 1 });
    await container.items.create({ id: 't-2', pk: 'ttl' });
    const ids = async () =>
      (await container.items.query('SELECT VALUE c.id FROM c', { partitionKey: 'ttl' }).fetchAll()).resources;
    expect((await ids()).toSorted()).toEqual(['t-1', 't-2']);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(await ids()).toEqual(['t-2']);
    expect((await container.item('t-1', 'ttl').read()).statusCode).toBe(404);
    expect((await container.items.create({ id: 't-1', pk: 'ttl' })).statusCode).toBe(201);
  });
});

describe('keys', () => {
  test('a client with another key is refused with 401', async () => {
    const stranger = connect(url, Buffer.from('another key').toString('base64'));
    expect(await codeOf(stranger.database('insights').read())).toBe(401);
    stranger.dispose();
  });

  test('a request without a signature is refused with 401', async () => {
    expect((await fetch(`${url}/dbs/insights/colls/rows/docs`)).status).toBe(401);
  });

  test('a document whose partition key is not the one that the request names is refused', async () => {
    const [result] = await container.items.bulk([
      { operationType: 'Create', partitionKey: 'named', resourceBody: { id: 'k-1', pk: 'other' } },
    ]);
    expect(result?.statusCode).toBe(400);
  });
});
