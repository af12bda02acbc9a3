import { expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { createGatherFiles } from '../../src/activities/gather-files.ts';
import { createSettleSet } from '../../src/activities/settle-set.ts';
import { awaitSet } from '../../src/orchestrators/await-set.ts';
import { lookAtSet } from '../../src/orchestrators/look-at-set.ts';
import type { FileSets } from '../../src/shared/contracts/contract.ts';
import { readFiles } from '../../src/shared/ledger/file-lists.ts';
import type { FileRecord } from '../../src/shared/ledger/file-record.ts';
import type { Services } from '../../src/shared/services.ts';
import { createInlineDurable } from '../support/inline-durable.ts';

const REF = { dataset: 'orders', set: '2026-01' };
const BATCH = { id: 'orders-00000001', dataset: 'orders', number: 1 };

/** A ledger and a lake in memory, with what sets need of them; the process dies before the write that is named. */
function world(sets: FileSets, diesBefore = '') {
  const records = new Map<string, FileRecord>();
  const documents = new Map<string, unknown>();
  const started: string[] = [];
  const write = (name: string): void => {
    if (name === diesBefore) {
      diesBefore = '';
      throw new Error('killed');
    }
  };
  const app = {
    datasets: { get: () => ({ contract: { arrival: { set: sets } } }) },
    batchLimits: { files: 2, bytes: 1000 },
    files: {
      ofSet: () => Promise.resolve([...records.values()]),
      some: (_: string, ids: readonly string[]) => Promise.resolve(ids.flatMap((id) => records.get(id) ?? [])),
      arrived: (_: string, limit: number) =>
        Promise.resolve([...records.values()].filter(({ status }) => status === 'arrived').slice(0, limit)),
      update: (_: string, id: string, fields: object) => {
        records.set(id, { ...(records.get(id) as FileRecord), ...fields });
        return Promise.resolve();
      },
      updateAll: (_: string, changes: readonly { id: string; fields: object; without?: readonly string[] }[]) => {
        for (const { id, fields, without = [] } of changes) {
          write(`mark ${id}`);
          const { ...record } = { ...(records.get(id) as FileRecord), ...fields };
          for (const name of without) delete (record as Record<string, unknown>)[name];
          records.set(id, record);
        }
        return Promise.resolve();
      },
    },
    lake: {
      findJson: (_: string, path: string) => Promise.resolve(documents.get(path)),
      readJson: (_: string, path: string) => Promise.resolve(documents.get(path)),
      createJson: (_: string, path: string, value: unknown) => {
        write('set');
        if (documents.has(path)) return Promise.resolve(false);
        documents.set(path, value);
        return Promise.resolve(true);
      },
    },
  } as unknown as Services;
  const durable = {
    readEntityState: () => {
      write('tell');
      return Promise.resolve({});
    },
    startNew: (_: string, { instanceId }: { instanceId: string }) => {
      started.push(instanceId);
      return Promise.resolve(instanceId);
    },
  } as unknown as DurableClient;
  const land = (name: string, fields: Partial<FileRecord> = {}): string => {
    records.set(name, {
      ...{ id: name, dataset: 'orders', path: `orders/2026-01/${name}.csv`, etag: '0x1', size: 1, sequencer: name },
      ...{ landedAt: '2026-01-01T00:00:00Z', status: 'waiting', reason: 'It waits for its set.', set: '2026-01' },
      ...fields,
    });
    return name;
  };
  const settle = createSettleSet(app, durable);
  const gather = async (): Promise<readonly string[]> => {
    const { batch } = await createGatherFiles(app)(BATCH);
    return batch === null ? [] : (await readFiles(app.lake, batch)).map(({ id }) => id);
  };
  return { records, started, land, settle, gather };
}

const THREE: FileSets = { by: '^orders/([0-9-]+)/', count: 3, deadline: 'PT2H' };

test('a set waits until it is complete, says what is missing, and then goes as a whole, beyond the limit of a batch', async () => {
  const { records, started, land, settle, gather } = world(THREE);
  for (const name of ['a', 'b']) await settle({ ...REF, file: land(name), overdue: false });
  expect(records.get('b')?.reason).toBe('It waits for its set 2026-01: 2 files are there, missing 1 of 3 files.');
  expect([started, await gather()]).toEqual([[], []]);
  await settle({ ...REF, file: land('c'), overdue: false });
  expect([...records.values()].map(({ status, reason }) => [status, reason])).toEqual(
    Array.from({ length: 3 }, () => ['arrived', undefined]),
  );
  expect(started).toEqual(['admit-a']);
  expect(await gather()).toEqual(['a', 'b', 'c']);
});

test.each(['set', 'mark a', 'mark c', 'tell'])('a kill before "%s" is made good by the next look', async (moment) => {
  const { records, started, land, settle, gather } = world(THREE, moment);
  for (const name of ['a', 'b', 'c']) land(name);
  await expect(settle({ ...REF, overdue: false })).rejects.toThrow('killed');
  // A batch that begins meanwhile takes all of them or none.
  const taken = await gather();
  expect([0, 3]).toContain(taken.length);
  await settle({ ...REF, overdue: false });
  expect([...records.values()].every(({ status }) => status === 'arrived')).toBe(true);
  expect(started).toHaveLength(1);
});

test('a set whose time has come fails with what is missing, and goes on when that lands after all', async () => {
  const { records, started, land, settle } = world(THREE);
  for (const name of ['a', 'b']) land(name);
  await settle({ ...REF, overdue: true });
  expect(records.get('a')).toMatchObject({ status: 'failed', reason: expect.stringContaining('missing 1 of 3 files') });
  await settle({ ...REF, file: land('c'), overdue: false });
  expect([...records.values()].map(({ status }) => status)).toEqual(['arrived', 'arrived', 'arrived']);
  expect(started).toHaveLength(1);
});

test('one that is to be processed all the same goes without what is missing, and the rest by itself', async () => {
  const { records, started, land, settle, gather } = world({ ...THREE, on_deadline: 'process' });
  for (const name of ['a', 'b']) land(name);
  await settle({ ...REF, overdue: true });
  expect(records.get('a')).toMatchObject({ status: 'arrived', missing: '1 of 3 files' });
  expect(await gather()).toEqual(['a', 'b']);
  for (const id of ['a', 'b']) records.set(id, { ...(records.get(id) as FileRecord), status: 'published', batch: 'x' });
  await settle({ ...REF, file: land('c'), overdue: false });
  expect(records.get('c')).toMatchObject({ status: 'arrived' });
  expect(records.get('c')?.missing).toBeUndefined();
  expect(started).toEqual(['admit-a', 'admit-c']);
});

test('a set is looked at when a file lands, and once more when its time has come', async () => {
  const seen: unknown[] = [];
  const activities = { 'settle-set': (input: unknown) => seen.push(input) };
  const durable = createInlineDurable({ look: lookAtSet, wait: awaitSet }, activities as never);
  await durable.run('look', { ...REF, file: 'a' });
  await durable.run('wait', { ...REF, deadline: '2026-01-01T02:00:00Z' });
  expect(seen).toEqual([
    { ...REF, file: 'a', overdue: false },
    { ...REF, overdue: true },
  ]);
  expect(durable.trace.calls).toContain('timer 7200');
});
