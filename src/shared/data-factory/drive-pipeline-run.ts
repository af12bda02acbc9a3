import type { DurableClient } from 'durable-functions';
import { startOnce } from '../ledger/start-once.ts';
import { ORCHESTRATORS } from '../names.ts';
import type { Services } from '../services.ts';
import type { PipelineRequest, PipelineRunRecord } from './pipeline-run-record.ts';

/** The event by which a run's orchestration is told to cancel it. */
export const CANCEL_EVENT = 'cancel';

/** Longest a run may take when nobody says how long: Azure's own limits are much higher. */
export const TIME_LIMIT_SECONDS = 2 * 3600;

const PAGE = 200;

/** The orchestration that drives a run. */
export function pipelineInstance(id: string): string {
  return `pipeline-${id}`;
}

/**
 * Opens a run's record and starts the orchestration that drives it. Safe to repeat under one id: there is one record,
 * and the orchestration asks the factory only for what the record does not have yet.
 */
export async function startPipelineRun(
  { pipelineRuns }: Pick<Services, 'pipelineRuns'>,
  client: DurableClient,
  request: PipelineRequest,
  startedBy: PipelineRunRecord['startedBy'],
): Promise<PipelineRunRecord> {
  const startedAt = new Date().toISOString();
  const record = await pipelineRuns.open({ ...request, startedBy, status: 'running', startedAt });
  if (record.status === 'running') await drive(client, record);
  return record;
}

/** Drives the runs again that are open and that nobody drives; gives their number with those that somebody does. */
export async function resumePipelineRuns(
  { pipelineRuns }: Pick<Services, 'pipelineRuns'>,
  client: DurableClient,
): Promise<number> {
  const { items } = await pipelineRuns.list({ status: 'running' }, PAGE);
  for (const record of items) await drive(client, record);
  return items.length;
}

async function drive(client: DurableClient, record: PipelineRunRecord): Promise<void> {
  const { id, pipeline, parameters, timeLimitSeconds } = record;
  const request: PipelineRequest = { id, pipeline, parameters, timeLimitSeconds };
  await startOnce(client, ORCHESTRATORS.runPipeline, pipelineInstance(id), request);
}
