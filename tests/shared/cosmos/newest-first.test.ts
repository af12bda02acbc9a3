import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Container, CosmosClient } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCosmos } from '../../../emulators/cosmos/index.ts';
import { newestFirst } from '../../../src/shared/cosmos/newest-first.ts';

interface Entry {
  readonly id: string;
  readonly dataset: string;
  readonly landedAt: string;
  readonly status: string;
}

const PARTITIONS = ['a', 'b', 'c'];

/** Thirty entries over three partitions; five share each time. */
const ENTRIES: readonly Entry[] = Array.from({ length: 30 }, (_, index) => ({
  id: `e${String(index).padStart(2, '0')}`,
  dataset: PARTITIONS[index % 3] ?? 'a',
  landedAt: `2026-01-01T00:00:${String(Math.floor(index / 5)).padStart(2, '0')}Z`,
  status: index % 2 === 0 ? 'published' : 'rejected',
}));

describe('listing newest first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-cosmos-'));
  let close: () => Promise<void>;
  let container: Container;

  beforeAll(async () => {
    const cosmos = await createCosmos({ port: 0, dataDirectory: folder });
    close = () => cosmos.close();
    const key = 'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==';
    const client = new CosmosClient({ endpoint: cosmos.url, key });
    const { database } = await client.databases.createIfNotExists({ id: 'test' });
    ({ container } = await database.containers.createIfNotExists({ id: 'files', partitionKey: '/dataset' }));
    for (const entry of ENTRIES) await container.items.create(entry);
  });
  afterAll(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function all(
    limit: number,
    partitions: readonly string[],
    filter: Record<string, string> = {},
  ): Promise<Entry[]> {
    const items: Entry[] = [];
    let continuation: string | undefined;
    do {
      const listing = {
        partitions,
        time: 'landedAt',
        filter,
        limit,
        ...(continuation === undefined ? {} : { continuation }),
      };
      const page = await newestFirst<Entry>(container, listing);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      items.push(...page.items);
      continuation = page.continuation;
    } while (continuation !== undefined);
    return items;
  }

  test.each([1, 3, 4, 7, 30, 100])('gives every entry once and in order, %d to a page', async (limit) => {
    const items = await all(limit, PARTITIONS);
    expect(items.map(({ id }) => id).toSorted()).toEqual(ENTRIES.map(({ id }) => id));
    expect(items.map(({ landedAt }) => landedAt)).toEqual(ENTRIES.map(({ landedAt }) => landedAt).toReversed());
  });

  test('keeps to its partitions and its filter', async () => {
    const items = await all(2, ['b'], { status: 'published' });
    expect(items.map(({ id }) => id).toSorted()).toEqual(
      ENTRIES.filter(({ dataset, status }) => dataset === 'b' && status === 'published').map(({ id }) => id),
    );
  });

  test('refuses a continuation that it did not give out', async () => {
    const listing = { partitions: PARTITIONS, time: 'landedAt', filter: {}, limit: 1, continuation: '{}' };
    await expect(newestFirst(container, listing)).rejects.toThrow('none that was given out');
  });
});
