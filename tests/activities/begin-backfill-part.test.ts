import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import type { BackfillPart } from '../../src/activities/activities.ts';
import { createBeginBackfillPart } from '../../src/activities/begin-backfill-part.ts';
import { type Backfill, type BackfillRecord, NO_PROGRESS } from '../../src/shared/backfill/backfill.ts';
import { loadDatasets } from '../../src/shared/contracts/load-datasets.ts';
import type { FileRecord } from '../../src/shared/ledger/file-record.ts';
import type { RunRecord } from '../../src/shared/runs/run-record.ts';

const datasets = loadDatasets(join(import.meta.dirname, '..', '..', 'datasets'));
const VERSION = datasets.get('flights')?.version ?? '';

/** A ledger of files that were read under an old contract, of which those in `gone` are no longer in landing. */
function made(count: number, run: Partial<RunRecord> = {}, gone: readonly string[] = []) {
  const entries: FileRecord[] = Array.from({ length: count }, (_, index) => ({
    ...{ id: `id${index}`, dataset: 'flights', path: `f${index}`, etag: `e${index}`, size: 1, sequencer: '1' },
    ...{ landedAt: '2026-01-01T00:00:00Z', status: 'published', contractVersion: 'old' },
  }));
  const backfill: Backfill = {
    ...{ id: 'backfill-flights-0123456789abcdef', dataset: 'flights', contractVersion: VERSION },
    ...{ files: { path: 'files', count }, hasCanary: true, maxQuarantinedGrowth: 0.01 },
  };
  const record = { backfill: { progress: NO_PROGRESS } as BackfillRecord, ...run };
  const documents = new Map<string, unknown>([
    ['files', { files: entries.map(({ path, id }) => ({ path, entry: id })) }],
  ]);
  const started: string[] = [];
  const app = {
    datasets,
    batchLimits: { files: 3, bytes: 1000 },
    telemetry: { emit: () => undefined },
    files: {
      versionsOf: async (_: string, paths: readonly string[]) =>
        Map.groupBy(
          entries.filter(({ path }) => paths.includes(path)),
          ({ path }) => path,
        ),
      enter: async (entry: FileRecord) => {
        const known = entries.find(({ id }) => id === entry.id);
        if (known === undefined) entries.push(entry);
        return known ?? entry;
      },
    },
    lake: {
      facts: async (_: string, path: string) =>
        gone.includes(path) ? undefined : { path, etag: path.replace('f', 'e'), size: 1, lastModified: '' },
      readJson: async (_: string, path: string) => documents.get(path),
      writeJson: async (_: string, path: string, value: unknown) => {
        documents.set(path, value);
      },
    },
    runs: {
      get: async () => record,
      update: async (_: string, __: string, fields: object) => {
        Object.assign(record, fields);
      },
    },
  };
  const client = {
    readEntityState: async () => ({ entityExists: false }),
    startNew: async (_: string, { instanceId }: { instanceId: string }) => started.push(instanceId),
  } as unknown as DurableClient;
  const begin = createBeginBackfillPart(app as never, client);
  const part = (from: number, alone = false): BackfillPart => ({ backfill, from, alone, progress: NO_PROGRESS });
  return { begin, part, entries, record, started };
}

describe('a part of a backfill', () => {
  test('is the canary alone, then as many files as a batch takes; the intake is told once', async () => {
    const { begin, part, entries, started } = made(6);
    expect(await begin(part(0, true))).toMatchObject({ entries: { count: 1 }, next: 1 });
    expect(await begin(part(1))).toMatchObject({ entries: { count: 3 }, next: 4 });
    expect(entries.slice(6)).toMatchObject(
      [0, 1, 2, 3].map((n) => ({ path: `f${n}`, status: 'arrived', replay: { of: `id${n}`, number: 1 } })),
    );
    expect(started).toHaveLength(2);
  });

  test('finds the entries that it made when it is begun again, also when they have ended since', async () => {
    const { begin, part, entries } = made(3);
    const first = await begin(part(0));
    for (const [index, entry] of entries.entries())
      if (entry.replay !== undefined) entries[index] = { ...entry, status: 'published', contractVersion: VERSION };
    expect(await begin(part(0))).toEqual(first);
    expect(entries).toHaveLength(6);
  });

  test('tells which files it left out, and why', async () => {
    const { begin, part, record } = made(3, {}, ['f1']);
    expect(await begin(part(0))).toMatchObject({ entries: { count: 2 }, progress: { leftOut: 1 } });
    expect(record.backfill.leftOut).toEqual([{ path: 'f1', reason: expect.stringContaining('no longer in landing') }]);
  });

  test('is not begun once it is cancelled, or the contract is another one', async () => {
    const { begin, part, entries } = made(3, { cancelRequested: true });
    expect(await begin(part(0))).toMatchObject({ stop: 'canceled' });
    const other = made(3);
    const { backfill, ...rest } = other.part(0);
    const changed = { ...rest, backfill: { ...backfill, contractVersion: 'another' } };
    expect(await other.begin(changed)).toMatchObject({
      ...{ stop: 'failed', reason: expect.stringContaining('another was previewed') },
    });
    expect([entries.length, other.entries.length]).toEqual([3, 3]);
  });
});
