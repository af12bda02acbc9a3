import { ChangeFeedStartFrom, type Container, type OperationInput, type SqlQuerySpec } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withoutCopies } from '../../../emulators/cosmos/documents/compile-query.ts';
import { startCosmos } from './start-cosmos.ts';

let container: Container;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ container, stop } = await startCosmos());
});
afterAll(() => stop());

const upserts = (pk: string, count: number): OperationInput[] =>
  Array.from({ length: count }, (_, n) => ({
    operationType: 'Upsert',
    partitionKey: pk,
    resourceBody: { id: `${pk}-${n}`, pk, n, group: n % 3 },
  }));

async function fill(pk: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    await container.items.bulk(upserts(pk, count).slice(from, from + 100));
  }
}

async function byToken(query: string | SqlQuerySpec, pk: string, pageSize: number): Promise<{ n: number }[]> {
  const rows: { n: number }[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await container.items
      .query<{ n: number }>(query, {
        partitionKey: pk,
        maxItemCount: pageSize,
        ...(continuationToken === undefined ? {} : { continuationToken }),
      })
      .fetchNext();
    rows.push(...page.resources);
    continuationToken = page.continuationToken;
  } while (continuationToken);
  return rows;
}

describe('queries', () => {
  test('a query with parameters, ORDER BY and TOP gives the first rows in order', async () => {
    await fill('ordered', 30);
    const query = {
      query: 'SELECT TOP 3 c.n FROM c WHERE c.n < @below AND c["group"] = @group ORDER BY c.n DESC',
      parameters: [
        { name: '@below', value: 20 },
        { name: '@group', value: 1 },
      ],
    };
    const { resources } = await container.items.query(query, { partitionKey: 'ordered' }).fetchAll();
    expect(resources).toEqual([{ n: 19 }, { n: 16 }, { n: 13 }]);
  });

  test('a query over one partition sees no other', async () => {
    await fill('left', 3);
    await fill('right', 2);
    const count = async (partitionKey: string) =>
      (await container.items.query('SELECT VALUE COUNT(1) FROM c', { partitionKey }).fetchAll()).resources[0];
    expect([await count('left'), await count('right'), await count('neither')]).toEqual([3, 2, 0]);
  });

  test('a query over all partitions finds a row wherever it is', async () => {
    await fill('far', 1);
    await fill('away', 1);
    const query = 'SELECT VALUE c.id FROM c WHERE c.id IN ("far-0", "away-0") ORDER BY c.id';
    expect((await container.items.query(query).fetchAll()).resources).toEqual(['away-0', 'far-0']);
  });

  test('pages by continuation token give every row once, in order, after rows were replaced', async () => {
    await fill('paged', 620);
    await container.items.upsert({ id: 'paged-5', pk: 'paged', n: 5 });
    const ordered = await byToken('SELECT c.n FROM c ORDER BY c.n', 'paged', 100);
    expect(ordered.map(({ n }) => n)).toEqual(Array.from({ length: 620 }, (_, n) => n));
    const plain = await byToken('SELECT c.n FROM c', 'paged', 90);
    expect(plain.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 620 }, (_, n) => n));
  });

  test('a query that does not parse is refused with 400', async () => {
    const bad = container.items.query('SELEKT * FROM c', { partitionKey: 'a' }).fetchAll();
    await expect(bad).rejects.toMatchObject({ code: 400 });
  });

  test('generated code gathers rows without copying them, and code of another shape is left alone', () => {
    const gather = (rows: string): string => `$c.reduce(($, c) => true ? ${rows} : $, [])`;
    expect(withoutCopies(gather('[...$, { c: c }]'))).toBe(gather('($.push({ c: c }), $)'));
    expect(withoutCopies(gather('[...$, ...c]'))).toBe(gather('[...$, ...c]'));
  });
});

describe('bulk and batch', () => {
  test('each item of a bulk request answers for itself', async () => {
    await container.items.create({ id: 'taken', pk: 'bulk' });
    const results = await container.items.bulk([
      { operationType: 'Create', partitionKey: 'bulk', resourceBody: { id: 'taken', pk: 'bulk' } },
      { operationType: 'Create', partitionKey: 'bulk', resourceBody: { id: 'free', pk: 'bulk', n: 1 } },
      { operationType: 'Delete', partitionKey: 'bulk', id: 'missing' },
      {
        operationType: 'Patch',
        partitionKey: 'bulk',
        id: 'free',
        resourceBody: { operations: [{ op: 'incr', path: '/n', value: 1 }] },
      },
      { operationType: 'Read', partitionKey: 'bulk', id: 'free' },
    ]);
    expect(results.map(({ statusCode }) => statusCode)).toEqual([409, 201, 404, 200, 200]);
    expect(results[4]?.resourceBody).toMatchObject({ n: 2 });
  });

  test('executeBulkOperations writes every document and reports each', async () => {
    const results = await container.items.executeBulkOperations(upserts('many', 1500));
    expect(results.every(({ response }) => response?.statusCode === 201)).toBe(true);
    const count = container.items.query('SELECT VALUE COUNT(1) FROM c', { partitionKey: 'many' });
    expect((await count.fetchAll()).resources).toEqual([1500]);
  });

  test('a transaction that fails leaves everything as it was', async () => {
    const { etag } = await container.items.create({ id: 'was', pk: 'tx', n: 1 });
    const failed = await container.items.batch(
      [
        { operationType: 'Upsert', resourceBody: { id: 'was', pk: 'tx', n: 2 } },
        { operationType: 'Create', resourceBody: { id: 'new', pk: 'tx' } },
        { operationType: 'Create', resourceBody: { id: 'was', pk: 'tx' } },
      ],
      'tx',
    );
    expect(failed.result?.map(({ statusCode }) => statusCode)).toEqual([424, 424, 409]);
    expect((await container.item('was', 'tx').read()).resource).toMatchObject({ n: 1, _etag: etag });
    expect((await container.item('new', 'tx').read()).statusCode).toBe(404);
  });

  test('a transaction that succeeds is done as a whole', async () => {
    const done = await container.items.batch(
      [
        { operationType: 'Create', resourceBody: { id: 'a', pk: 'tx-ok' } },
        { operationType: 'Create', resourceBody: { id: 'b', pk: 'tx-ok' } },
      ],
      'tx-ok',
    );
    expect(done.result?.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
    expect((await container.item('b', 'tx-ok').read()).statusCode).toBe(200);
  });
});

describe('the change feed', () => {
  test('a reader of a partition gets what changed since its last page, once', async () => {
    await fill('feed', 3);
    const changeFeedStartFrom = ChangeFeedStartFrom.Beginning('feed');
    const feed = container.items.getChangeFeedIterator<{ id: string }>({ changeFeedStartFrom, maxItemCount: 2 });
    const next = async (): Promise<string[]> => ((await feed.readNext()).result ?? []).map(({ id }) => id);
    expect(await next()).toEqual(['feed-0', 'feed-1']);
    expect(await next()).toEqual(['feed-2']);
    expect(await next()).toEqual([]);
    await container.items.upsert({ id: 'feed-0', pk: 'feed', n: 9 });
    await container.items.upsert({ id: 'other', pk: 'not-fed' });
    expect(await next()).toEqual(['feed-0']);
  });

  test('a reader of the whole container gets changes of all partitions', async () => {
    const feed = container.items.getChangeFeedIterator<{ id: string }>({
      changeFeedStartFrom: ChangeFeedStartFrom.Now(),
    });
    await feed.readNext();
    await container.items.upsert({ id: 'w-1', pk: 'whole-1' });
    await container.items.upsert({ id: 'w-2', pk: 'whole-2' });
    expect(((await feed.readNext()).result ?? []).map(({ id }) => id)).toEqual(['w-1', 'w-2']);
  });
});
