import { Hono } from 'hono';
import { invalidParameter, invalidState, jobDoesNotExist, runDoesNotExist } from '../api-error.ts';
import {
  type JsonObject,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  optionalStringMap,
  optionalStrings,
  requiredId,
} from '../domain/json.ts';
import { hasEnded, type RunOverrides, type RunRecord } from '../domain/records.ts';
import type { Engine } from '../engine/engine.ts';
import { repairRun } from '../engine/repair-run.ts';
import { startRun } from '../engine/start-run.ts';
import type { WorkspaceFolders } from '../engine/task-order.ts';
import type { Store } from '../store/store.ts';
import { readPage } from './paging.ts';
import { presentRepairs, presentRunSummary, presentTask, presentTaskRun, type Workspace } from './present-run.ts';
import { bodyOf, queryOf } from './requests.ts';
import { deleteLog, readLog } from './run-log.ts';

/** What the run routes work with. */
export interface RunRoutesOptions {
  readonly store: Store;
  readonly engine: Engine;
  readonly workspace: Workspace;
  readonly folders: WorkspaceFolders;
}

/** jobs/run-now and jobs/runs/…: submit, get, get-output, list, cancel, cancel-all, repair, delete. */
export function runRoutes({ store, engine, workspace, folders }: RunRoutesOptions): Hono {
  const app = new Hono();

  const find = (runId: number): RunRecord => {
    const run = store.runs.get(runId);
    if (run === undefined || run.deleted) throw runDoesNotExist(runId);
    return run;
  };
  const findTask = (runId: number) => {
    const task = store.runs.task(runId);
    return task && { task, run: find(task.parentRunId) };
  };

  app.post('/run-now', async (context) => {
    const body = await bodyOf(context);
    const jobId = requiredId(body, 'job_id');
    const job = store.jobs.get(jobId);
    const token = optionalString(body, 'idempotency_token');
    // The run of a token is found even after its job was deleted.
    if (job === undefined && (token === undefined || store.runs.findByToken(token) === undefined)) {
      throw jobDoesNotExist(jobId);
    }
    const settings = job?.settings ?? {};
    const overrides = readOverrides(body);
    const run = startRun(store, engine, { kind: 'JOB_RUN', jobId, settings, overrides, token, queue: readQueue(body) });
    return context.json({ run_id: run.runId, number_in_job: run.runId });
  });

  app.post('/runs/submit', async (context) => {
    const { idempotency_token: _token, ...settings } = await bodyOf(context);
    const token = optionalString({ _token }, '_token');
    const overrides = { jobParameters: {} };
    const run = startRun(store, engine, { kind: 'SUBMIT_RUN', settings, overrides, token, queue: undefined });
    return context.json({ run_id: run.runId });
  });

  app.get('/runs/get', (context) => {
    const query = queryOf(context);
    const runId = requiredId(query, 'run_id');
    const found = findTask(runId);
    if (found !== undefined) return context.json(presentTaskRun(workspace, found.run, found.task));
    const run = find(runId);
    const tasks = store.runs.tasksOf(runId);
    const page = readPage(query, tasks, 100);
    return context.json({
      ...presentRunSummary(workspace, run),
      tasks: page.items.map((task) => presentTask(workspace, run, task)),
      ...(optionalBoolean(query, 'include_history') && { repair_history: presentRepairs(run, tasks) }),
      ...page.more,
    });
  });

  app.get('/runs/get-output', (context) => {
    const runId = requiredId(queryOf(context), 'run_id');
    const found = findTask(runId);
    if (found === undefined) {
      find(runId);
      throw invalidParameter(
        'Retrieving the output of runs with multiple tasks is not supported. ' +
          'Please retrieve the output of each individual task run instead.',
      );
    }
    const { task, run } = found;
    return context.json({
      metadata: presentTaskRun(workspace, run, task),
      ...(task.error !== undefined && { error: task.error }),
      ...(task.errorTrace !== undefined && { error_trace: task.errorTrace }),
      ...readLog(folders, runId),
    });
  });

  app.get('/runs/list', (context) => {
    const query = queryOf(context);
    const limit = optionalInteger(query, 'limit') ?? 20;
    if (limit < 1 || limit > 24) throw invalidParameter('limit must be between 1 and 24.');
    const activeOnly = optionalBoolean(query, 'active_only') ?? false;
    const completedOnly = optionalBoolean(query, 'completed_only') ?? false;
    if (activeOnly && completedOnly) throw invalidParameter('active_only and completed_only cannot both be true.');
    const found = store.runs.list({
      jobId: optionalInteger(query, 'job_id'),
      active: activeOnly ? true : completedOnly ? false : undefined,
      startFrom: optionalInteger(query, 'start_time_from') ?? 0,
      startTo: optionalInteger(query, 'start_time_to') ?? Number.MAX_SAFE_INTEGER,
      before: optionalInteger(query, 'page_token') ?? Number.MAX_SAFE_INTEGER,
      limit: limit + 1,
    });
    const runs = found.slice(0, limit);
    const withTasks = optionalBoolean(query, 'expand_tasks') ?? false;
    const present = (run: RunRecord) => ({
      ...presentRunSummary(workspace, run),
      ...(withTasks && { tasks: store.runs.tasksOf(run.runId).map((task) => presentTask(workspace, run, task)) }),
    });
    return context.json({
      ...(runs.length > 0 && { runs: runs.map(present) }),
      has_more: found.length > limit,
      ...(found.length > limit && { next_page_token: String(runs.at(-1)?.runId) }),
    });
  });

  app.post('/runs/cancel', async (context) => {
    const runId = requiredId(await bodyOf(context), 'run_id');
    const run = findTask(runId)?.run ?? find(runId);
    engine.stop(run.runId, 'canceled');
    return context.json({});
  });

  app.post('/runs/cancel-all', async (context) => {
    const body = await bodyOf(context);
    const jobId = optionalInteger(body, 'job_id');
    const queuedOnly = optionalBoolean(body, 'all_queued_runs') === true;
    if (jobId === undefined && !queuedOnly) throw invalidParameter('Missing required field: job_id');
    for (const run of jobId === undefined ? store.runs.active() : store.runs.activeOfJob(jobId)) {
      if (!queuedOnly || run.state.lifeCycle === 'QUEUED') engine.stop(run.runId, 'canceled');
    }
    return context.json({});
  });

  app.post('/runs/repair', async (context) => {
    const body = await bodyOf(context);
    const run = find(requiredId(body, 'run_id'));
    const repair = repairRun(store, engine, run, {
      tasks: optionalStrings(body, 'rerun_tasks'),
      allFailed: optionalBoolean(body, 'rerun_all_failed_tasks') ?? false,
      withDependents: optionalBoolean(body, 'rerun_dependent_tasks') ?? false,
      latestRepairId: optionalInteger(body, 'latest_repair_id'),
      overrides: readOverrides(body),
    });
    return context.json({ repair_id: repair.id });
  });

  app.post('/runs/delete', async (context) => {
    const run = find(requiredId(await bodyOf(context), 'run_id'));
    if (!hasEnded(run.state)) throw invalidState(`Run ${run.runId} is active: cancel it before it is deleted.`);
    store.runs.put({ ...run, deleted: true });
    for (const task of store.runs.tasksOf(run.runId)) deleteLog(folders, task.runId);
    return context.json({});
  });

  return app;
}

function readQueue(body: JsonObject): boolean | undefined {
  const queue = optionalObject(body, 'queue');
  return queue && optionalBoolean(queue, 'enabled');
}

/** The parameters of run-now and runs/repair; those that only notebooks, SQL and JARs take are refused. */
export function readOverrides(body: JsonObject): RunOverrides {
  const foreign = [
    'notebook_params',
    'sql_params',
    'jar_params',
    'spark_submit_params',
    'dbt_commands',
    'pipeline_params',
  ];
  const given = foreign.find((key) => body[key] !== undefined);
  if (given !== undefined)
    throw invalidParameter(`${given} does not apply: the emulator runs Python wheels and files only.`);
  const pythonParams = optionalStrings(body, 'python_params');
  const pythonNamedParams = optionalStringMap(body, 'python_named_params');
  const only = optionalStrings(body, 'only');
  const jobParameters = optionalStringMap(body, 'job_parameters') ?? {};
  if (JSON.stringify(pythonParams ?? []).length > 10_000) throw invalidParameter('python_params exceeds 10000 bytes.');
  if (pythonParams?.some((value) => [...value].some((character) => character > '\x7f'))) {
    throw invalidParameter('python_params must contain ASCII characters only.');
  }
  if (Object.keys(jobParameters).length > 0 && (pythonParams || pythonNamedParams)) {
    throw invalidParameter('job_parameters cannot be combined with python_params or python_named_params.');
  }
  return {
    jobParameters,
    ...(pythonParams && { pythonParams }),
    ...(pythonNamedParams && { pythonNamedParams }),
    ...(only && { only }),
  };
}
