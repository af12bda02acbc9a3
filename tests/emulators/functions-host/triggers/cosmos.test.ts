import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EMULATOR_KEY } from '../../../../emulators/cosmos/http/authorize.ts';
import { startCosmos } from '../../cosmos/start-cosmos.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from '../start-host.ts';

let cosmos: Awaited<ReturnType<typeof startCosmos>>;
let container: Container;
let host: TestHost;

const start = async (dataFolder: string) => {
  host = await startHost('cosmos', dataFolder, {
    env: { Insights: `AccountEndpoint=${cosmos.url}/;AccountKey=${EMULATOR_KEY};` },
  });
};

beforeAll(async () => {
  cosmos = await startCosmos();
  container = cosmos.container;
  await start(newFolder());
});
afterAll(async () => {
  await cleanUp();
  await cosmos.stop();
});

type Seen = ({ id: string; n?: number }[] | { retried: string[]; failures: number })[];
const get = (path: string) => fetch(`${host.url}/api/${path}`);
const seen = async () => (await (await get('seen')).json()) as Seen;
const changes = async () => (await seen()).flatMap((entry) => (Array.isArray(entry) ? entry : []));
const changed = (id: string, n?: number) =>
  eventually(async () => (await changes()).find((change) => change.id === id && change.n === n), `the change of ${id}`);
const write = (body: unknown) => fetch(`${host.url}/api/write`, { method: 'POST', body: JSON.stringify(body) });

describe('a Cosmos DB trigger', () => {
  test('gets what was written, and its output lands in a container that is made for it', async () => {
    await container.items.upsert({ id: 'a', pk: 'p', n: 1 });
    await changed('a', 1);
    const copies = cosmos.client.database('insights').container('copies');
    await eventually(
      async () =>
        (
          await copies
            .item('a', 'p')
            .read()
            .catch(() => undefined)
        )?.resource,
      'the copy',
    );
    expect((await copies.read()).resource?.partitionKey?.paths).toEqual(['/pk']);
  });

  test('goes on where it was after a crash, with nothing twice and nothing lost', async () => {
    await container.items.upsert({ id: 'before', pk: 'p' });
    await changed('before');
    await host.kill();
    await container.items.upsert({ id: 'meanwhile', pk: 'p' });
    await start(host.dataFolder);
    await changed('meanwhile');
    expect((await changes()).map(({ id }) => id)).not.toContain('a');
  });

  test('counts a call as made that ends while the host is stopped', async () => {
    await container.items.upsert({ id: 'slow', pk: 'p' });
    await changed('slow');
    expect(await host.stop()).toBe(0);
    await start(host.dataFolder);
    await container.items.upsert({ id: 'after', pk: 'p' });
    await changed('after');
    expect((await changes()).map(({ id }) => id)).not.toContain('slow');
  });

  test('that fails is tried again as its retry option says', async () => {
    await container.items.upsert({ id: 'twice', pk: 'p' });
    const entry = await eventually(
      async () => (await seen()).find((call) => !Array.isArray(call) && call.retried.includes('twice')),
      'the second try',
    );
    expect(entry).toMatchObject({ failures: 1 });
  });
});

describe('a Cosmos DB input', () => {
  test('is the document of an id and a partition key, or nothing', async () => {
    await container.items.upsert({ id: 'one', pk: 'q', text: 'here' });
    expect(await (await get('one/q?id=one')).json()).toMatchObject({
      id: 'one',
      text: 'here',
      _etag: expect.any(String),
    });
    expect((await get('one/q?id=none')).status).toBe(404);
    expect((await get('one/other?id=one')).status).toBe(404);
  });

  test('is the result of a query, in which expressions are parameters', async () => {
    for (const id of ['y', 'x']) await container.items.upsert({ id, pk: 'r', kind: 'fine' });
    await container.items.upsert({ id: 'z', pk: 'r', kind: 'other' });
    expect(await (await get('found/r?kind=fine')).json()).toEqual([{ id: 'x' }, { id: 'y' }]);
    expect(await (await get(`found/r?kind=${encodeURIComponent('" OR true')}`)).json()).toEqual([]);
  });

  test('whose expression has no value fails the call', async () => {
    expect((await get('one/q')).status).toBe(500);
    const message = "binding expression {Query.id}: 'id' doesn't exist";
    await eventually(async () => (host.stderr().includes(message) ? true : undefined), 'the message');
  });
});

describe('a Cosmos DB output', () => {
  test('writes one document or several, over those that are there', async () => {
    expect((await write({ id: 'w1', pk: 's', n: 1 })).status).toBe(200);
    await write([
      { id: 'w1', pk: 's', n: 2 },
      { id: 'w2', pk: 's', n: 3 },
    ]);
    expect((await container.item('w1', 's').read()).resource).toMatchObject({ n: 2 });
    expect((await container.item('w2', 's').read()).resource).toMatchObject({ n: 3 });
  });

  test('that is no document fails the call', async () => {
    expect((await write('text')).status).toBe(500);
  });
});
