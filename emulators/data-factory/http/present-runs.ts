import { readPipeline } from '../definitions/pipeline.ts';
import { writeJson } from '../expressions/index.ts';
import type { ActivityRecord, RunRecord, TriggerRunRecord } from '../store/records.ts';

const SECRET = '**********';

/** A pipeline run as the API shows it; every parameter's value is a text. */
export function presentRun(run: RunRecord, newestOfGroup: string | undefined) {
  const { parameters, annotations } = readPipeline(run.definition);
  const texts = Object.entries(run.state.parameters).map(([name, value]) => {
    if (parameters[name]?.type === 'securestring') return [name, SECRET];
    return [name, typeof value === 'string' ? value : writeJson(value)];
  });
  return {
    id: run.runId,
    runId: run.runId,
    debugRunId: null,
    runGroupId: run.runGroupId,
    isLatest: newestOfGroup === run.runId,
    pipelineName: run.pipelineName,
    parameters: Object.fromEntries(texts),
    invokedBy: run.invokedBy,
    runStart: run.runStart,
    runEnd: run.runEnd,
    durationInMs: run.runEnd === null ? null : Date.parse(run.runEnd) - Date.parse(run.runStart),
    status: run.status,
    message: run.message,
    output: run.state.returnValue,
    lastUpdated: run.lastUpdated,
    annotations,
    runDimension: {},
    isLocalRun: true,
  };
}

/** An activity run as the API shows it; what the policy calls secure stays hidden. */
export function presentActivityRun(record: ActivityRecord, pipelineName: string) {
  const { data, error, start, end } = record;
  return {
    activityName: record.name,
    activityType: record.type,
    activityRunId: record.activityRunId,
    pipelineName,
    pipelineRunId: record.runId,
    linkedServiceName: record.linkedServiceName,
    status: record.status,
    activityRunStart: start,
    activityRunEnd: end,
    durationInMs: end === null ? null : Date.parse(end) - Date.parse(start),
    input: record.secureInput ? null : data.input,
    output: record.secureOutput ? null : data.output,
    error: {
      errorCode: error?.errorCode ?? '',
      message: error?.message ?? '',
      failureType: error?.failureType ?? '',
      target: record.name,
      details: '',
    },
    retryAttempt: record.attempt === 0 ? null : record.attempt,
    iterationHash: record.iterationHash,
    userProperties: data.userProperties,
  };
}

/** A trigger run as the API shows it. */
export function presentTriggerRun({ factory: _, ...run }: TriggerRunRecord) {
  return { ...run, runDimension: {}, dependencyStatus: {} };
}
