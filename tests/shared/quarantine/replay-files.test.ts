import { describe, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import type { Dataset } from '../../../src/shared/contracts/contract.ts';
import type { Lake } from '../../../src/shared/lake/lake.ts';
import type { FileLedger } from '../../../src/shared/ledger/file-ledger.ts';
import type { FileRecord } from '../../../src/shared/ledger/file-record.ts';
import { replayFiles } from '../../../src/shared/quarantine/replay-files.ts';

const DATASET = { contract: { dataset: 'flights' }, version: 'new' } as Dataset;

/** Ports in memory: files of which a row is quarantined; those in `gone` are no longer in landing. */
function made(count: number, gone: ReadonlySet<string> = new Set()) {
  const records: FileRecord[] = Array.from({ length: count }, (_, index) => ({
    ...{ id: `id${index}`, dataset: 'flights', path: `f${index}`, etag: `e${index}`, size: 1, sequencer: '1' },
    ...{ landedAt: '2026-01-01T00:00:00Z', status: 'published', contractVersion: 'old' },
    rows: { read: 2, loaded: 1, quarantined: 1, duplicates: 0, superseded: 0 },
  }));
  const started: string[] = [];
  const files = {
    quarantined: async (_, limit, after = '0') => {
      const found = records.filter(({ rows, replacedBy }) => rows !== undefined && replacedBy === undefined);
      const from = Number(after);
      const items = found.slice(from, from + limit);
      return from + limit < found.length ? { items, continuation: String(from + limit) } : { items };
    },
    list: async () => ({ items: [] }),
    versions: async (_, path) => records.filter((record) => record.path === path),
    enter: async (record) => {
      records.push(record);
      return record;
    },
  } as Pick<FileLedger, 'quarantined' | 'list' | 'versions' | 'enter'> as FileLedger;
  const lake = {
    facts: async (_, path) =>
      gone.has(path) ? undefined : { path, etag: path.replace('f', 'e'), size: 1, lastModified: '' },
  } as Pick<Lake, 'facts'> as Lake;
  const client = {
    readEntityState: async () => ({ entityExists: false }),
    startNew: async (_name: string, options: { instanceId: string }) => started.push(options.instanceId),
  } as unknown as DurableClient;
  const telemetry = { emit: () => undefined } as unknown as Parameters<typeof replayFiles>[0]['telemetry'];
  return { started, replay: () => replayFiles({ files, lake, telemetry }, client, { dataset: DATASET }) };
}

describe('a replay of all files with refused rows', () => {
  test('begins each once, and 500 at most with one request; the next begins the others', async () => {
    const { replay, started } = made(1100);
    const begun: number[] = [];
    for (let more = true; more; ) {
      const before = started.length;
      ({ more } = await replay());
      begun.push(new Set(started).size - new Set(started.slice(0, before)).size);
    }
    expect(begun).toEqual([500, 500, 100]);
    expect(new Set(started).size).toBe(1100);
  });

  test('is not held up by files that cannot be replayed', async () => {
    const gone = new Set(Array.from({ length: 600 }, (_, index) => `f${index}`));
    const { entries, leftOut, more } = await made(610, gone).replay();
    expect([entries.length, leftOut.length, more]).toEqual([10, 600, false]);
    expect(leftOut[0]).toEqual({ path: 'f0', reason: expect.stringContaining('no longer in landing') });
  });
});
