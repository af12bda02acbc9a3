import type { Batch } from '../shared/ledger/batch.ts';
import type { RunLog } from '../shared/runs/run-log.ts';
import type { StepRecord } from '../shared/runs/run-record.ts';

/** Does a step's work and records when it began and ended, and what `summarise` says of its result. */
export async function recordStep<T>(
  runs: RunLog,
  batch: Pick<Batch, 'id' | 'dataset'>,
  name: string,
  work: () => Promise<T>,
  summarise: (result: T) => Partial<StepRecord> = () => ({}),
): Promise<T> {
  const startedAt = new Date();
  const result = await work();
  await runs.step(batch.dataset, batch.id, name, timed(startedAt, new Date(), summarise(result)));
  return result;
}

/** A finished step's record. */
export function timed(startedAt: Date, endedAt: Date, rest: Partial<StepRecord> = {}): StepRecord {
  return {
    startedAt: startedAt.toISOString(),
    endedAt: endedAt.toISOString(),
    seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
    ...rest,
  };
}
