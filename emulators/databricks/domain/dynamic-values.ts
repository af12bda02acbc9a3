/** What `{{…}}` references may refer to; a missing name leaves the reference as it is. */
export type DynamicValues = Readonly<Record<string, string>>;

/** Replaces the references such as `{{job.parameters.day}}` or `{{ run_id }}` that have a value. */
export function substitute(text: string, values: DynamicValues): string {
  return text.replace(/\{\{\s*([\w.[\]-]+)\s*\}\}/g, (reference, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : reference,
  );
}

/** The facts about an attempt that its parameters may refer to. */
export interface AttemptFacts {
  readonly jobId: number;
  readonly jobName: string;
  readonly runId: number;
  readonly runStartTime: number;
  readonly repairCount: number;
  readonly taskKey: string;
  readonly taskRunId: number;
  readonly attemptNumber: number;
  readonly workspaceId: string;
  readonly workspaceUrl: string;
}

/** The references of "Dynamic value references" that make sense here, the older spellings included. */
export function dynamicValues(facts: AttemptFacts): DynamicValues {
  const start = new Date(facts.runStartTime).toISOString();
  return {
    'job.id': String(facts.jobId),
    'job.name': facts.jobName,
    'job.run_id': String(facts.runId),
    'run.id': String(facts.runId),
    'job.repair_count': String(facts.repairCount),
    'job.start_time.timestamp_ms': String(facts.runStartTime),
    'job.start_time.iso_date': start.slice(0, 10),
    'job.start_time.iso_datetime': start.slice(0, 19),
    'job.trigger.type': 'one_time',
    'task.name': facts.taskKey,
    'task.run_id': String(facts.taskRunId),
    'task.execution_count': String(facts.attemptNumber + 1),
    'workspace.id': facts.workspaceId,
    'workspace.url': facts.workspaceUrl,
    job_id: String(facts.jobId),
    run_id: String(facts.taskRunId),
    parent_run_id: String(facts.runId),
    task_key: facts.taskKey,
    task_retry_count: String(facts.attemptNumber),
    start_date: start.slice(0, 10),
    start_time: String(facts.runStartTime),
  };
}
