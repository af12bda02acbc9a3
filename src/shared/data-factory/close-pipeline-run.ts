import type { Services } from '../services.ts';
import type { FactoryRun } from './data-factory-client.ts';
import type { PipelineCopy, PipelineRunStatus } from './pipeline-run-record.ts';

/** A run that has ended, and why, where that is not the factory's own reason. */
export interface EndedRun {
  readonly id: string;
  readonly factoryRunId: string;
  readonly run: FactoryRun;
  readonly reason?: { readonly status: PipelineRunStatus; readonly error: string };
}

/** Writes into a run's record how it ended and what its copies moved. A run that succeeded has no other reason. */
export async function closePipelineRun(
  { pipelines, pipelineRuns }: Pick<Services, 'pipelines' | 'pipelineRuns'>,
  { id, factoryRunId, run, reason }: EndedRun,
): Promise<PipelineRunStatus> {
  const copies = await pipelines.factory().copies(factoryRunId);
  const done = copies.filter(({ succeeded }) => succeeded);
  const sum = (of: (copy: PipelineCopy) => number) => done.reduce((total, copy) => total + of(copy), 0);
  const ended = run.state === 'active' ? 'failed' : run.state;
  const status = ended === 'succeeded' ? ended : (reason?.status ?? ended);
  const error = status === 'succeeded' ? undefined : (reason?.error ?? run.message);
  await pipelineRuns.update(id, {
    status,
    endedAt: run.endedAt ?? new Date().toISOString(),
    rowsRead: sum(({ rowsRead }) => rowsRead),
    rowsWritten: sum(({ rowsWritten }) => rowsWritten),
    filesWritten: sum(({ filesWritten }) => filesWritten),
    copies,
    ...(error === undefined ? {} : { error }),
  });
  return status;
}
