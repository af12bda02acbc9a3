import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPipelineRunLog, type PipelineRunLog } from '../../../src/shared/data-factory/pipeline-run-log.ts';
import type { PipelineRunRecord } from '../../../src/shared/data-factory/pipeline-run-record.ts';
import { COSMOS_CONTAINERS } from '../../../src/shared/names.ts';
import { startCosmos } from '../../emulators/cosmos/start-cosmos.ts';

let cosmos: Awaited<ReturnType<typeof startCosmos>>;
/** The log of a factory of a test's own. */
let logOf: (factory: string) => PipelineRunLog;

beforeAll(async () => {
  cosmos = await startCosmos();
  const { database } = await cosmos.client.databases.createIfNotExists({ id: 'landfall' });
  const { container } = await database.containers.createIfNotExists(COSMOS_CONTAINERS.pipelineRuns);
  logOf = (factory) => createPipelineRunLog(container, factory);
});
afterAll(() => cosmos.stop());

const run = (day: number): Omit<PipelineRunRecord, 'factory'> => ({
  id: `copy-2026-01-0${day}`,
  pipeline: 'copy',
  parameters: { folder: 'reference' },
  timeLimitSeconds: 60,
  startedBy: 'schedule',
  status: 'running',
  startedAt: `2026-01-0${day}T03:00:00.000Z`,
});

test('a run is opened once; whoever opens it again gets the record as it stands', async () => {
  const log = logOf('adf-1');
  await log.open(run(1));
  await log.update(run(1).id, { status: 'succeeded', rowsRead: 7 });
  const again = await log.open({ ...run(1), startedAt: '2026-01-01T04:00:00.000Z' });
  expect(again).toMatchObject({ status: 'succeeded', rowsRead: 7, startedAt: run(1).startedAt, factory: 'adf-1' });
});

test('of two attempts that ask the factory at a time, one may', async () => {
  const log = logOf('adf-2');
  await log.open(run(2));
  const one = await log.get(run(2).id);
  const other = await log.get(run(2).id);
  if (one === undefined || other === undefined) throw new Error('the record is not there');
  expect(await log.claim(one, '2026-01-02T03:00:01.000Z')).toBe(true);
  expect(await log.claim(other, '2026-01-02T03:00:02.000Z')).toBe(false);
  expect((await log.get(run(2).id))?.askedAt).toBe('2026-01-02T03:00:01.000Z');
});

test('runs are listed newest first, of a pipeline or a status', async () => {
  const log = logOf('adf-3');
  for (const day of [2, 3, 1]) await log.open(run(day));
  await log.update(run(1).id, { status: 'succeeded' });
  const ids = async (filter: Parameters<PipelineRunLog['list']>[0]) =>
    (await log.list(filter, 10)).items.map(({ id }) => id);
  expect(await ids({})).toEqual([run(3).id, run(2).id, run(1).id]);
  expect(await ids({ status: 'succeeded' })).toEqual([run(1).id]);
  expect(await ids({ pipeline: 'other' })).toEqual([]);
  expect(await log.get('a/b?c')).toBeUndefined();
});
