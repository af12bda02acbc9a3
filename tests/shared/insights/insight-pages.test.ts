import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EMULATOR_KEY } from '../../../emulators/cosmos/http/authorize.ts';
import { type Cosmos, createCosmos } from '../../../emulators/cosmos/index.ts';
import { createInsightPages, type InsightPages } from '../../../src/shared/insights/insight-pages.ts';
import { createInsightStore, type InsightStore } from '../../../src/shared/insights/insight-store.ts';
import { createPublications, type Publications } from '../../../src/shared/insights/publication.ts';
import { COSMOS_CONTAINERS } from '../../../src/shared/names.ts';

let cosmos: Cosmos;
let folder: string;
let wire: Awaited<ReturnType<typeof startCountingProxy>>;
let insights: InsightStore;
let publications: Publications;
let pages: InsightPages;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'landfall-pages-'));
  cosmos = await createCosmos({ port: 0, dataDirectory: folder });
  wire = await startCountingProxy(cosmos.url);
  const client = new CosmosClient({
    endpoint: wire.url,
    key: EMULATOR_KEY,
    connectionPolicy: { enableEndpointDiscovery: false },
  });
  const { database } = await client.databases.create({ id: 'landfall' });
  for (const { id, partitionKey } of [COSMOS_CONTAINERS.insights, COSMOS_CONTAINERS.publications])
    await database.containers.create({ id, partitionKey: { paths: [partitionKey] } });
  insights = createInsightStore(database.container(COSMOS_CONTAINERS.insights.id));
  publications = createPublications(database.container(COSMOS_CONTAINERS.publications.id));
  await publish(1, 'first');
});
afterAll(async () => {
  await wire.close();
  await cosmos.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  pages = createInsightPages(publications, insights);
  wire.seen.length = 0;
});

async function publish(version: number, text: string): Promise<void> {
  const rows = Array.from({ length: 5 }, (_, row) => ({ id: `row ${row}`, text }));
  await insights.upsert({ dataset: 'd', insight: 'i', key: ['id'], rows, published: version - 1, next: version });
  const publication = { dataset: 'd', version, batch: `d-0000000${version}`, publishedAt: '2026-01-01T00:00:00Z' };
  await publications.publish({ ...publication, insights: { i: 5 } });
}

/** What a request for a page does. */
async function ask(filters: Readonly<Record<string, string>> = {}, limit = 100): Promise<readonly string[]> {
  const publication = await pages.published('d');
  if (publication === undefined) throw new Error('nothing is published');
  const page = pages.page({ publication, dataset: 'd', insight: 'i', filters, limit });
  const response = await page.response();
  const body = JSON.parse(Buffer.from(await response.arrayBuffer()).toString()) as {
    items: { text: string }[];
  };
  return body.items.map(({ text }) => text);
}
const POINT_READ = 'read publications/d in partition ["d"]';
const QUERY = 'query insights in partition ["d/i"]';

describe('serving a page of an insight', () => {
  test('costs one point read and, for a page that was not served yet, one query in one partition', async () => {
    expect(await ask()).toHaveLength(5);
    expect(wire.seen).toEqual([POINT_READ, QUERY]);
    wire.seen.length = 0;
    expect(await ask()).toHaveLength(5);
    expect(wire.seen).toEqual([POINT_READ]);
    wire.seen.length = 0;
    expect(await ask({ id: 'row 1' })).toHaveLength(1);
    expect(await ask({}, 3)).toHaveLength(3);
    expect(wire.seen).toEqual([POINT_READ, QUERY, POINT_READ, QUERY]);
  });

  test('costs less when many ask at once, and each gets his page', async () => {
    await ask();
    wire.seen.length = 0;
    const all = await Promise.all(Array.from({ length: 50 }, () => ask()));
    expect(all.every((items) => items.length === 5)).toBe(true);
    expect(wire.seen).toEqual([POINT_READ, POINT_READ]);
  });

  test('shows a version from the moment that it is published, and not before', async () => {
    expect(new Set(await ask())).toEqual(new Set(['first']));
    const rows = [{ id: 'row 0', text: 'staged' }];
    await insights.upsert({ dataset: 'd', insight: 'i', key: ['id'], rows, published: 1, next: 2 });
    expect(new Set(await ask({}, 99))).toEqual(new Set(['first']));
    await publish(2, 'second');
    expect(new Set(await ask())).toEqual(new Set(['second']));
    expect(new Set(await ask({}, 99))).toEqual(new Set(['second']));
  });
});

test('the tag of a page is that of the question and of the version, and costs no query', async () => {
  const publication = await pages.published('d');
  const asked = { publication, dataset: 'd', insight: 'i', filters: {}, limit: 100 };
  const tags = [asked, asked, { ...asked, limit: 99 }, { ...asked, filters: { id: 'row 1' } }].map(
    (request) => pages.page(request).etag,
  );
  const later = publication && { ...publication, version: publication.version + 1 };
  expect(new Set([...tags, pages.page({ ...asked, publication: later }).etag]).size).toBe(4);
  expect(wire.seen).toEqual([POINT_READ]);
});

/** Passes requests on to Cosmos DB, and notes those for documents. */
async function startCountingProxy(target: string) {
  const seen: string[] = [];
  const server = createServer((incoming, response) => {
    const [, , , , container = '', docs, id] = (incoming.url ?? '').split('/');
    const partition = String(incoming.headers['x-ms-documentdb-partitionkey'] ?? 'every partition');
    const isQuery = String(incoming.headers['x-ms-documentdb-isquery']).toLowerCase() === 'true';
    if (docs === 'docs' && isQuery) seen.push(`query ${container} in partition ${partition}`);
    if (docs === 'docs' && incoming.method === 'GET') seen.push(`read ${container}/${id} in partition ${partition}`);
    const outgoing = forward(`${target}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers: incoming.headers,
    });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
