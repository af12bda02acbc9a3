import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createChangeHub } from '../../../src/shared/changes/change-hub.ts';
import { type Change, type Changes, createChanges } from '../../../src/shared/changes/changes.ts';
import { createFileLedger, type FileLedger } from '../../../src/shared/ledger/file-ledger.ts';
import type { FileStatus } from '../../../src/shared/ledger/file-record.ts';
import { createRunLog, type RunLog } from '../../../src/shared/runs/run-log.ts';
import { startCosmos } from '../../emulators/cosmos/start-cosmos.ts';

let stop: () => Promise<void>;
let files: FileLedger;
let runs: RunLog;
let changes: Changes;
let containers: readonly [Container, Container];

beforeAll(async () => {
  const cosmos = await startCosmos();
  stop = cosmos.stop;
  const { database } = await cosmos.client.databases.createIfNotExists({ id: 'changes' });
  const make = async (id: string): Promise<Container> =>
    (await database.containers.createIfNotExists({ id, partitionKey: '/dataset' })).container;
  containers = [await make('files'), await make('runs')];
  files = createFileLedger(containers[0]);
  runs = createRunLog(containers[1]);
  changes = createChanges(...containers, ['flights', 'planes']);
});
afterAll(() => stop());

const BEFORE = Math.floor(Date.now() / 1000) - 10;
const enter = (id: string, dataset: string, status: FileStatus = 'arrived'): Promise<unknown> =>
  files.enter({ id, dataset, path: id, etag: 'e', size: 1, sequencer: '', landedAt: '', status });
const open = (id: string): Promise<unknown> =>
  runs.open({ id, dataset: 'planes', number: 1, status: 'running', startedAt: '', files: 1, steps: {} });
const named = (found: readonly Change[]): string[] =>
  found.map(({ kind, record }) => `${kind} ${record.id} ${record.status}`).sort();

describe('changes', () => {
  test('are read once each, from every dataset, and none of a second is missed', async () => {
    const reader = changes.reader(BEFORE);
    await reader.next();
    await Promise.all([enter('a', 'flights'), enter('b', '(none)', 'rejected'), open('planes-1')]);
    expect(named(await reader.next())).toEqual(['file a arrived', 'file b rejected', 'run planes-1 running']);
    expect(await reader.next()).toEqual([]);
    await files.update('flights', 'a', { status: 'processing' });
    await enter('c', 'flights');
    expect(named(await reader.next())).toEqual(['file a processing', 'file c arrived']);
    await files.update('flights', 'a', { status: 'published' });
    expect(named(await reader.next())).toEqual(['file a published']);
  });

  test('bring records as the API tells them, without what the database adds', async () => {
    await enter('f', 'planes');
    const [found] = await changes.since(BEFORE);
    expect(found?.at).toBeGreaterThan(BEFORE);
    expect(Object.keys(found?.record ?? {}).filter((name) => name.startsWith('_'))).toEqual([]);
  });

  test('reach everyone who listens, by one reader; who leaves hears no more', async () => {
    let reads = 0;
    const counting: Changes = {
      ...changes,
      reader: (second) => {
        reads += 1;
        return changes.reader(second);
      },
    };
    const hub = createChangeHub(counting, { busyMilliseconds: 20, idleMilliseconds: 20, idleAfterMilliseconds: 1000 });
    const heard: [string[], string[]] = [[], []];
    const leave = heard.map((names) => hub.listen((found) => names.push(...named(found))));
    await enter('d', 'planes');
    await until(() => heard.every((names) => names.includes('file d arrived')));
    leave[1]?.();
    const [, known = []] = heard.map((names) => [...names]);
    await enter('e', 'planes');
    await until(() => heard[0].includes('file e arrived'));
    expect(heard[1]).toEqual(known);
    expect(reads).toBe(1);
    leave[0]?.();
  });
});

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not come to be within five seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
