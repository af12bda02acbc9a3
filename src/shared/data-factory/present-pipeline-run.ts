import type { PipelineRunRecord } from './pipeline-run-record.ts';

/** A run as the API tells it: without what only the app needs to find it again. */
export function presentPipelineRun(record: PipelineRunRecord) {
  const { id, pipeline, parameters, timeLimitSeconds, startedBy, status, startedAt, endedAt, factoryRunId } = record;
  const { error, rowsRead = 0, rowsWritten = 0, filesWritten = 0, copies = [] } = record;
  return {
    ...{ id, pipeline, parameters, timeLimitSeconds, startedBy, status, startedAt, endedAt, factoryRunId, error },
    ...{ rowsRead, rowsWritten, filesWritten, copies },
  };
}
