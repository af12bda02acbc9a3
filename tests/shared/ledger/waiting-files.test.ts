import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createGatherFiles } from '../../../src/activities/gather-files.ts';
import type { Lake } from '../../../src/shared/lake/lake.ts';
import { createFileLedger, type FileLedger } from '../../../src/shared/ledger/file-ledger.ts';
import { readFiles } from '../../../src/shared/ledger/file-lists.ts';
import type { FileRecord } from '../../../src/shared/ledger/file-record.ts';
import { startCosmos } from '../../emulators/cosmos/start-cosmos.ts';

let stop: () => Promise<void>;
let files: FileLedger;

beforeAll(async () => {
  const cosmos = await startCosmos();
  stop = cosmos.stop;
  const { database } = await cosmos.client.databases.createIfNotExists({ id: 'ledger' });
  const { container } = await database.containers.createIfNotExists({ id: 'files', partitionKey: '/dataset' });
  files = createFileLedger(container);
});
afterAll(() => stop());

/** The n-th file to land, in the dataset. */
function landed(dataset: string, n: number, more: Partial<FileRecord> = {}): FileRecord {
  const path = `${dataset}/${n}.csv`;
  const landedAt = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
  const id = `${n}`.padStart(32, '0');
  return { id, dataset, path, etag: `e${n}`, size: 10, sequencer: '1', landedAt, status: 'arrived', ...more };
}

/** A lake that keeps documents in memory. */
function memoryLake(): Lake {
  const documents = new Map<string, unknown>();
  return {
    findJson: async (_, path) => documents.get(path),
    readJson: async (_, path) => documents.get(path),
    createJson: async (_, path, value) => {
      if (documents.has(path)) return false;
      documents.set(path, JSON.parse(JSON.stringify(value)));
      return true;
    },
  } as Pick<Lake, 'findJson' | 'readJson' | 'createJson'> as Lake;
}

describe('files that wait', () => {
  const gather = (lake: Lake, limits = { files: 3, bytes: 1000 }) =>
    createGatherFiles({ files, lake, batchLimits: limits });

  test('are taken by a batch up to its limits, those that landed first in front', async () => {
    for (const n of [4, 2, 5, 1, 3]) await files.enter(landed('flights', n));
    const lake = memoryLake();
    const batch = { id: 'flights-00000001', dataset: 'flights', number: 1 };
    const { batch: taken, more } = await gather(lake)(batch);
    expect([taken?.files?.count, more]).toEqual([3, true]);
    expect((await readFiles(lake, taken ?? {})).map(({ path }) => path)).toEqual([
      ...['flights/1.csv', 'flights/2.csv', 'flights/3.csv'],
    ]);
    const small = await gather(memoryLake(), { files: 3, bytes: 25 })(batch);
    expect([small.batch?.files?.count, small.more]).toEqual([2, true]);
    const tiny = await gather(memoryLake(), { files: 3, bytes: 1 })(batch);
    expect([tiny.batch?.files?.count, tiny.more]).toEqual([1, true]);
  });

  test('are the same ones when a batch gathers them again, whatever has come since', async () => {
    const lake = memoryLake();
    const batch = { id: 'weather-00000001', dataset: 'weather', number: 1 };
    await files.enter(landed('weather', 2));
    const first = await gather(lake)(batch);
    await files.enter(landed('weather', 1));
    expect(await gather(lake)(batch)).toEqual(first);
  });

  test('are none where the batch before took them, and of a batch that is resumed only its own', async () => {
    expect(await gather(memoryLake())({ id: 'x-00000001', dataset: 'x', number: 1 })).toEqual({
      ...{ batch: null, more: false },
    });
    await files.enter(landed('x', 1, { batch: 'x-00000001' }));
    await files.enter(landed('x', 2));
    const lake = memoryLake();
    const { batch } = await gather(lake)({ id: 'x-00000001', dataset: 'x', number: 1, resumes: 1 });
    expect((await readFiles(lake, batch ?? {})).map(({ path }) => path)).toEqual(['x/1.csv']);
  });
});

describe('the ledger', () => {
  const COUNT = 250;

  beforeAll(async () => {
    await Promise.all(Array.from({ length: COUNT }, (_, n) => files.enter(landed('many', n))));
  });

  test('changes many entries at once, and gives those of many paths', async () => {
    const changes = Array.from({ length: COUNT }, (_, n) => ({
      id: landed('many', n).id,
      fields: { status: 'published' as const, batch: `many-${n % 2}` },
    }));
    await files.updateAll('many', changes);
    const paths = Array.from({ length: COUNT + 10 }, (_, n) => `many/${n}.csv`);
    const versions = await files.versionsOf('many', paths);
    expect(versions.size).toBe(COUNT);
    expect(versions.get('many/249.csv')).toMatchObject([{ status: 'published', batch: 'many-1' }]);
    expect(await files.some('many', ['none', landed('many', 7).id])).toMatchObject([{ path: 'many/7.csv' }]);
    await expect(files.updateAll('many', [{ id: 'none', fields: { reason: 'x' } }])).rejects.toThrow('404');
  });

  test('tells which entries stand for their path, of a time', async () => {
    for (let n = 1; n <= 7; n++) await files.enter(landed('told', n, { status: n === 4 ? 'superseded' : 'published' }));
    await files.update('told', landed('told', 3).id, { replacedBy: { id: 'a', batch: 'b', at: '' } });
    const between = { landedFrom: landed('told', 2).landedAt, landedBefore: landed('told', 7).landedAt };
    const standing = await files.standing({ dataset: 'told', ...between }, 2);
    expect(standing.items.map(({ path }) => path)).toEqual(['told/6.csv', 'told/5.csv']);
    const rest = await files.standing({ dataset: 'told', ...between }, 2, standing.continuation);
    expect(rest.items.map(({ path }) => path)).toEqual(['told/2.csv']);
  });
});
