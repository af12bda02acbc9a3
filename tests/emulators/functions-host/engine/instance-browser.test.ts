import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemEnvironment } from '../../../../emulators/functions-host/engine/environment.ts';
import { type BrowseFilter, InstanceBrowser } from '../../../../emulators/functions-host/engine/instance-browser.ts';
import { prepareSchema } from '../../../../emulators/functions-host/engine/schema.ts';
import { Store } from '../../../../emulators/functions-host/engine/store.ts';

const count = 45_000;
let database: DatabaseSync;
let browser: InstanceBrowser;

beforeAll(() => {
  database = new DatabaseSync(':memory:');
  prepareSchema(database);
  browser = new InstanceBrowser(new Store(database, systemEnvironment, () => undefined));
  // Ten each millisecond; the first one has failed, and every thousandth is of another name.
  database.exec(`
    WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count - 1})
    INSERT INTO instances (id, execution_id, name, status, created_at, updated_at, suspended)
    SELECT printf('id-%05d', n), '', iif(n % 1000 = 0, 'rare', 'common'), iif(n = 0, 'Failed', 'Completed'),
      1000 + n / 10, 2000, 0 FROM numbers`);
});
afterAll(() => database.close());

/** All ids that a filter finds, and in how many pages. */
function collect(filter: BrowseFilter, limit: number) {
  const ids: string[] = [];
  let pages = 0;
  let after: string | undefined;
  do {
    const page = browser.instances(filter, limit, after);
    ids.push(...page.items.map(({ id }) => id));
    after = page.next;
    pages++;
  } while (after !== undefined);
  return { ids, pages };
}

test('pages hold every instance once, the newest first', () => {
  const { ids, pages } = collect({ statuses: [] }, 1000);
  expect(pages).toBe(45);
  expect(ids).toEqual(Array.from({ length: count }, (_, n) => `id-${String(count - 1 - n).padStart(5, '0')}`));
});

test('what is rare is found, page by page of a bounded look', () => {
  const first = browser.instances({ statuses: ['Failed'] }, 50);
  expect([first.items, first.next === undefined]).toEqual([[], false]);
  expect(collect({ statuses: ['Failed'] }, 50)).toEqual({ ids: ['id-00000'], pages: 3 });
  expect(collect({ statuses: [], name: 'RARE' }, 50).ids).toHaveLength(45);
  expect(collect({ statuses: [], idPrefix: 'id-0001' }, 50).ids).toHaveLength(10);
});

test('times of creation are bounds that count', () => {
  expect(collect({ statuses: [], createdFrom: 1001, createdTo: 1002 }, 7).ids).toHaveLength(20);
  expect(collect({ statuses: [], createdFrom: 9999 }, 7)).toEqual({ ids: [], pages: 1 });
});

test('a token that is none asks from the start', () => {
  expect(browser.instances({ statuses: [] }, 1, 'nonsense').items[0]?.id).toBe('id-44999');
});
