import { readJobSpec } from '../domain/job-settings.ts';
import { resolveJobParameters } from '../domain/parameters.ts';
import { hasEnded, type RunRecord, type TaskRunRecord } from '../domain/records.ts';
import { presentState } from '../domain/run-states.ts';

/** The people and places that a run mentions. */
export interface Workspace {
  readonly id: string;
  readonly userName: string;
  readonly url: () => string;
}

/** A run without its tasks, as runs/list gives it. */
export function presentRunSummary(workspace: Workspace, run: RunRecord): Record<string, unknown> {
  const spec = readJobSpec(run.settings);
  const parameters = resolveJobParameters(spec, run.overrides);
  const { pythonParams, pythonNamedParams } = run.overrides;
  return {
    job_id: run.jobId,
    run_id: run.runId,
    number_in_job: run.runId,
    original_attempt_run_id: run.runId,
    creator_user_name: workspace.userName,
    run_name: spec.name,
    run_type: run.kind,
    run_page_url: pageUrl(workspace, run, run.runId),
    format: 'MULTI_TASK',
    trigger: 'ONE_TIME',
    start_time: run.startTime,
    end_time: run.endTime,
    setup_duration: 0,
    execution_duration: 0,
    cleanup_duration: 0,
    ...(run.endTime > 0 && { run_duration: run.endTime - run.startTime }),
    ...presentState(run.state),
    ...(parameters.length > 0 && { job_parameters: parameters }),
    ...((pythonParams || pythonNamedParams) && {
      overriding_parameters: {
        ...(pythonParams && { python_params: pythonParams }),
        ...(pythonNamedParams && { python_named_params: pythonNamedParams }),
      },
    }),
  };
}

/** A task run as an entry of a run's `tasks`: the task's settings and the attempt's own facts. */
export function presentTask(workspace: Workspace, run: RunRecord, task: TaskRunRecord): Record<string, unknown> {
  const settings = readJobSpec(run.settings).tasks.find((each) => each.taskKey === task.taskKey)?.raw;
  return { ...settings, ...presentAttempt(workspace, run, task) };
}

/** A task run asked for by its own id. */
export function presentTaskRun(workspace: Workspace, run: RunRecord, task: TaskRunRecord): Record<string, unknown> {
  return {
    ...presentRunSummary(workspace, run),
    ...presentAttempt(workspace, run, task),
    job_run_id: run.runId,
    run_name: task.taskKey,
    tasks: [presentTask(workspace, run, task)],
  };
}

function presentAttempt(workspace: Workspace, run: RunRecord, task: TaskRunRecord): Record<string, unknown> {
  const began = task.executionTime || task.startTime;
  return {
    run_id: task.runId,
    task_key: task.taskKey,
    attempt_number: task.attemptNumber,
    original_attempt_run_id: task.originalAttemptRunId,
    run_page_url: pageUrl(workspace, run, task.runId),
    ...(task.startTime > 0 && { start_time: task.startTime }),
    end_time: task.endTime,
    setup_duration: task.startTime > 0 ? began - task.startTime : 0,
    execution_duration: hasEnded(task.state) && began > 0 ? task.endTime - began : 0,
    cleanup_duration: 0,
    ...(task.startTime > 0 && {
      cluster_instance: { cluster_id: `local-${task.runId}`, spark_context_id: String(task.runId) },
    }),
    ...presentState(task.state),
  };
}

function pageUrl(workspace: Workspace, run: RunRecord, runId: number): string {
  return `${workspace.url()}/?o=${workspace.id}#job/${run.jobId}/run/${runId}`;
}

/** The rounds of a run: the original one and its repairs, with the task runs of each. */
export function presentRepairs(run: RunRecord, tasks: readonly TaskRunRecord[]): object[] {
  return run.repairs.map((repair, index) => ({
    ...(repair.id > 0 && { id: repair.id }),
    type: repair.id > 0 ? 'REPAIR' : 'ORIGINAL',
    start_time: repair.startTime,
    end_time: repair.endTime,
    ...presentState(index === run.repairs.length - 1 ? run.state : repair.state),
    task_run_ids: tasks.filter((task) => task.repairId === repair.id).map((task) => task.runId),
  }));
}
