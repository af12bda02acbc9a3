import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createCosmos } from '../../../emulators/cosmos/index.ts';
import { connect, makeContainer, runCli, temporaryFolder } from './start-cosmos.ts';

let folder: { path: string; remove: () => void };
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

test('every acknowledged write is there, with its ETag, after kill -9 in the middle of writing', async () => {
  const first = await runCli(['--port', '0', '--data', folder.path]);
  const client = connect(first.url);
  const container = await makeContainer(client);
  const acknowledged = new Map<string, { n: number; etag: string }>();
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; ; n++) {
      const { etag } = await container.items.upsert({ id: `${writer}-${n % 50}`, pk: 'a', n });
      acknowledged.set(`${writer}-${n % 50}`, { n, etag });
    }
  };
  const writers = [0, 1, 2, 3].map((writer) => write(writer).catch(() => 'cut off'));
  while (acknowledged.size < 150) await new Promise((resolve) => setTimeout(resolve, 10));
  const atKill = new Map(acknowledged);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  client.dispose();
  await Promise.all(writers);

  const second = await createCosmos({ port: 0, dataDirectory: folder.path });
  const again = connect(second.url);
  const documents = again.database('insights').container('rows').items;
  const { resources } = await documents.query<{ id: string; n: number; _etag: string }>('SELECT * FROM c').fetchAll();
  const found = new Map(resources.map((document) => [document.id, document]));
  // A write may have been committed and its answer lost: then the document is newer than we know, never older.
  const lost = [...atKill].filter(([id, { n, etag }]) => {
    const document = found.get(id);
    return document === undefined || !(document._etag === etag || document.n > n);
  });
  expect(lost).toEqual([]);
  again.dispose();
  await second.close();
}, 20_000);

test('what was deleted stays deleted, and a new document does not take the identity of an old one', async () => {
  const one = await createCosmos({ port: 0, dataDirectory: folder.path });
  const container = await makeContainer(connect(one.url));
  const kept = await container.items.create({ id: 'kept', pk: 'a' });
  await container.items.create({ id: 'gone', pk: 'a' });
  await container.item('gone', 'a').delete();
  await one.close();

  const two = await createCosmos({ port: 0, dataDirectory: folder.path });
  const again = await makeContainer(connect(two.url));
  expect((await again.item('gone', 'a').read()).statusCode).toBe(404);
  const fresh = await again.items.create({ id: 'fresh', pk: 'a' });
  expect(fresh.resource?._rid).not.toBe(kept.resource?._rid);
  const condition = { accessCondition: { type: 'IfMatch', condition: kept.etag } };
  expect((await again.item('kept', 'a').replace({ id: 'kept', pk: 'a', n: 1 }, condition)).statusCode).toBe(200);
  await two.close();
});

test('containers, their settings and functions survive a restart', async () => {
  const one = await createCosmos({ port: 0, dataDirectory: folder.path });
  const before = await makeContainer(connect(one.url));
  await before.scripts.userDefinedFunctions.create({ id: 'twice', body: 'function (x) { return x * 2; }' });
  await before.items.create({ id: '1', pk: 'a', n: 21 });
  await one.close();

  const two = await createCosmos({ port: 0, dataDirectory: folder.path });
  const after = connect(two.url).database('insights').container('rows');
  expect((await after.read()).resource).toMatchObject({ defaultTtl: -1, partitionKey: { paths: ['/pk'] } });
  const query = after.items.query('SELECT VALUE udf.twice(c.n) FROM c', { partitionKey: 'a' });
  expect((await query.fetchAll()).resources).toEqual([42]);
  await two.close();
});

test('the command line ends in order on SIGTERM, and says so when its port is taken', async () => {
  const { url, child } = await runCli(['--port', '0', '--data', folder.path], {
    COSMOS_KEY: Buffer.from('own').toString('base64'),
  });
  const client = connect(url, Buffer.from('own').toString('base64'));
  expect((await client.databases.create({ id: 'own-key' })).statusCode).toBe(201);
  client.dispose();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);

  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const port = (blocker.address() as { port: number }).port;
  await expect(createCosmos({ port, dataDirectory: folder.path })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  blocker.close();
}, 20_000);
