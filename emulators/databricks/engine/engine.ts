import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type JobSpec, readJobSpec, type TaskSpec } from '../domain/job-settings.ts';
import { resolveArguments, resolveJobParameters } from '../domain/parameters.ts';
import { hasEnded, type RunRecord, type RunState, type TaskRunRecord } from '../domain/records.ts';
import {
  CANCELED,
  failed,
  internalError,
  PENDING,
  RUNNING,
  SUCCEEDED,
  TERMINATING,
  TIMED_OUT,
  WAITING_FOR_RETRY,
} from '../domain/run-states.ts';
import { latestAttempts, runEnding, unblock } from '../domain/task-graph.ts';
import type { Store } from '../store/store.ts';
import type { TaskOutcome, TaskProcess, WorkerPool } from '../worker/worker-pool.ts';
import { orderFor, scratchFolder, type WorkspaceFolders } from './task-order.ts';

/** What the engine works with. */
export interface EngineOptions {
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly folders: WorkspaceFolders;
  readonly maxParallelTasks: number;
  readonly workspaceId: string;
  readonly workspaceUrl: () => string;
}

const CANCEL_GRACE_MS = 300;
const MAX_WORKER_LOSSES = 3;
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Carries runs from PENDING to their end. All that it knows is in the store; in memory are only the processes and timers,
 * which `recover` makes again after a restart.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #store: Store;
  readonly #processes = new Map<number, TaskProcess>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#store = options.store;
    mkdirSync(join(options.folders.data, 'logs'), { recursive: true });
  }

  /** Starts a run that is stored with its task runs. */
  begin(run: RunRecord): void {
    const { timeoutSeconds } = readJobSpec(run.settings);
    const round = run.repairs.at(-1)?.startTime ?? run.startTime;
    if (timeoutSeconds > 0 && run.stop === null) {
      this.#at(`run ${run.runId}`, round + timeoutSeconds * 1000, () => this.stop(run.runId, 'timedout'));
    }
    this.#advance(run.runId);
    this.#dispatch();
  }

  /** Goes on with the runs that an earlier process of the emulator left active, under their old ids. */
  recover(): void {
    rmSync(join(this.#options.folders.data, 'scratch'), { recursive: true, force: true });
    for (const run of this.#store.runs.active()) {
      this.#store.transaction(() => {
        for (const task of this.#store.runs.tasksOf(run.runId)) {
          if (task.state.lifeCycle !== 'RUNNING' && task.state.lifeCycle !== 'TERMINATING') continue;
          this.#endTask(run, task, { kind: 'lost', error: 'The emulator was stopped while the task ran.' }, 'emulator');
        }
      });
      if (run.state.lifeCycle !== 'QUEUED') this.begin(run);
    }
  }

  /** Stops a run: what waits ends at once, what runs is killed; the run ends when its last process is gone. */
  stop(runId: number, reason: 'canceled' | 'timedout'): void {
    this.#store.transaction(() => {
      const run = this.#store.runs.get(runId);
      if (run === undefined || hasEnded(run.state) || run.stop !== null) return;
      this.#store.runs.put({ ...run, stop: reason, state: TERMINATING });
      for (const task of this.#store.runs.tasksOf(runId)) {
        if (hasEnded(task.state)) continue;
        if (task.state.lifeCycle === 'RUNNING') {
          this.#store.runs.putTask({ ...task, state: TERMINATING });
          this.#processes.get(task.runId)?.kill(CANCEL_GRACE_MS);
        } else if (task.state.lifeCycle !== 'TERMINATING') {
          this.#store.runs.putTask({
            ...task,
            state: reason === 'canceled' ? CANCELED : TIMED_OUT,
            endTime: Date.now(),
          });
        }
      }
    });
    this.#advance(runId);
  }

  /** Stops working. Runs under way stay active in the store: the next start recovers them. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** Unblocks what can go on, and ends the run when nothing is left. */
  #advance(runId: number): void {
    const ended = this.#store.transaction(() => {
      const run = this.#store.runs.get(runId);
      if (run === undefined || hasEnded(run.state)) return undefined;
      const spec = readJobSpec(run.settings);
      const latest = latestAttempts(this.#store.runs.tasksOf(runId));
      for (let changed = true; changed; ) {
        changed = false;
        for (const task of spec.tasks) {
          const attempt = latest.get(task.taskKey);
          if (attempt?.state.lifeCycle !== 'BLOCKED') continue;
          const upstream = task.dependsOn.flatMap((key) => latest.get(key)?.state ?? []);
          const state = unblock(task, upstream);
          if (state === undefined) continue;
          const next = { ...attempt, state, endTime: hasEnded(state) ? Date.now() : 0 };
          latest.set(task.taskKey, next);
          this.#store.runs.putTask(next);
          changed = true;
        }
      }
      if (![...latest.values()].every((attempt) => hasEnded(attempt.state))) return undefined;
      return this.#endRun(run, runEnding(spec.tasks, latest, run.stop));
    });
    if (ended === undefined) return;
    this.#clear(`run ${runId}`);
    this.#startNextOf(ended.jobId);
  }

  #endRun(run: RunRecord, state: RunState): RunRecord {
    const endTime = Date.now();
    const repairs = run.repairs.map((repair, index) =>
      index === run.repairs.length - 1 ? { ...repair, endTime, state } : repair,
    );
    const ended = { ...run, state, endTime, repairs };
    this.#store.runs.put(ended);
    return ended;
  }

  /** Lets queued runs of the job begin, as far as its max_concurrent_runs allows. */
  #startNextOf(jobId: number): void {
    const active = this.#store.runs.activeOfJob(jobId);
    const queued = active.filter((run) => run.state.lifeCycle === 'QUEUED');
    let running = active.length - queued.length;
    for (const run of queued) {
      if (running >= readJobSpec(run.settings).maxConcurrentRuns) return;
      running += 1;
      const next = { ...run, state: PENDING };
      this.#store.runs.put(next);
      this.begin(next);
    }
  }

  /** Hands waiting task runs to processes while there is room. */
  #dispatch(): void {
    if (this.#closed) return;
    const now = Date.now();
    for (const task of this.#store.runs.readyTasks(now)) {
      if (this.#processes.size >= this.#options.maxParallelTasks) break;
      this.#execute(task);
    }
    const due = this.#store.runs.nextRetryTime(now);
    if (due !== undefined) this.#at('retry', due, () => this.#dispatch());
  }

  #execute(waiting: TaskRunRecord): void {
    const run = this.#store.runs.get(waiting.parentRunId);
    if (run === undefined) return;
    const spec = readJobSpec(run.settings);
    const task = taskOf(spec, waiting.taskKey);
    const order = orderFor(task, waiting.runId, this.#argumentsFor(run, spec, task, waiting), this.#options.folders);
    if (typeof order === 'string') {
      this.#finish(waiting, { kind: 'failed', error: order, errorTrace: '', missing: true });
      return;
    }
    const running = { ...waiting, state: RUNNING, startTime: Date.now() };
    this.#store.transaction(() => {
      this.#store.runs.putTask(running);
      if (run.state.lifeCycle === 'PENDING') this.#store.runs.put({ ...run, state: RUNNING });
    });
    let executionTime = 0;
    const process_ = this.#options.pool.run(order, () => {
      executionTime = Date.now();
    });
    this.#processes.set(waiting.runId, process_);
    if (task.timeoutSeconds > 0) {
      const due = running.startTime + task.timeoutSeconds * 1000;
      this.#at(`task ${waiting.runId}`, due, () => this.#timeOut(waiting.runId));
    }
    void process_.ended.then((outcome) => {
      if (this.#closed) return;
      this.#processes.delete(waiting.runId);
      this.#clear(`task ${waiting.runId}`);
      rmSync(scratchFolder(this.#options.folders, waiting.runId), { recursive: true, force: true });
      const latest = this.#store.runs.task(waiting.runId) ?? running;
      this.#finish({ ...latest, executionTime: executionTime || latest.startTime }, outcome);
    });
  }

  #argumentsFor(run: RunRecord, spec: JobSpec, task: TaskSpec, attempt: TaskRunRecord): readonly string[] {
    const facts = {
      jobId: run.jobId,
      jobName: spec.name,
      runId: run.runId,
      runStartTime: run.startTime,
      repairCount: Math.max(0, run.repairs.length - 1),
      taskKey: task.taskKey,
      taskRunId: attempt.runId,
      attemptNumber: attempt.attemptNumber,
      workspaceId: this.#options.workspaceId,
      workspaceUrl: this.#options.workspaceUrl(),
    };
    return resolveArguments(task.code, facts, resolveJobParameters(spec, run.overrides), run.overrides);
  }

  #timeOut(taskRunId: number): void {
    const task = this.#store.runs.task(taskRunId);
    if (task?.state.lifeCycle !== 'RUNNING') return;
    this.#store.runs.putTask({ ...task, state: TERMINATING, timedOut: true });
    this.#processes.get(taskRunId)?.kill(CANCEL_GRACE_MS);
  }

  #finish(task: TaskRunRecord, outcome: TaskOutcome): void {
    this.#store.transaction(() => {
      const run = this.#store.runs.get(task.parentRunId);
      if (run !== undefined) this.#endTask(run, task, outcome, 'worker');
    });
    this.#advance(task.parentRunId);
    this.#dispatch();
  }

  /** Ends an attempt and, where the task may go on, adds the next one. */
  #endTask(run: RunRecord, task: TaskRunRecord, outcome: TaskOutcome, lostWith: 'emulator' | 'worker'): void {
    const spec = taskOf(readJobSpec(run.settings), task.taskKey);
    const stopping = run.stop !== null && outcome.kind !== 'succeeded';
    const state = stopping ? (run.stop === 'timedout' ? TIMED_OUT : CANCELED) : endingOf(task, outcome);
    const lost = outcome.kind === 'lost' && !stopping && !task.timedOut;
    this.#store.runs.putTask({
      ...task,
      state,
      endTime: Date.now(),
      ...(outcome.kind !== 'succeeded' && { error: outcome.error }),
      ...(outcome.kind === 'failed' && outcome.errorTrace !== '' && { errorTrace: outcome.errorTrace }),
      ...(lost && { lost: lostWith }),
    });
    if (run.stop !== null || state.result === 'SUCCESS') return;
    const attempts = this.#store.runs.tasksOf(run.runId).filter((each) => each.taskKey === task.taskKey);
    const again = lost ? mayRecover(attempts, lostWith) : mayRetry(spec, attempts, task);
    if (!again) return;
    const wait = lost ? 0 : spec.minRetryIntervalMs;
    this.#store.runs.putTask({
      runId: this.#store.nextId(),
      parentRunId: task.parentRunId,
      taskKey: task.taskKey,
      repairId: task.repairId,
      originalAttemptRunId: task.originalAttemptRunId,
      attemptNumber: task.attemptNumber + 1,
      startTime: 0,
      executionTime: 0,
      endTime: 0,
      notBefore: wait > 0 ? Date.now() + wait : 0,
      state: wait > 0 ? WAITING_FOR_RETRY : PENDING,
    });
  }

  #at(key: string, time: number, work: () => void): void {
    this.#clear(key);
    const wait = Math.max(0, time - Date.now());
    // Node's timers end at 24.8 days: a longer wait is made of several.
    const timer = setTimeout(
      () => (wait > MAX_TIMER_MS ? this.#at(key, time, work) : work()),
      Math.min(wait, MAX_TIMER_MS),
    );
    this.#timers.set(key, timer.unref());
  }

  #clear(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }
}

function taskOf(spec: JobSpec, taskKey: string): TaskSpec {
  const task = spec.tasks.find((each) => each.taskKey === taskKey);
  if (task === undefined) throw new Error(`the run's settings have no task ${taskKey}`);
  return task;
}

function endingOf(task: TaskRunRecord, outcome: TaskOutcome): RunState {
  if (outcome.kind === 'succeeded') return SUCCEEDED;
  if (task.timedOut) return TIMED_OUT;
  if (outcome.kind === 'lost') return internalError(`Cluster was lost. ${outcome.error}`);
  if (outcome.kind === 'crashed') return failed(outcome.error, 'DRIVER_ERROR');
  if (outcome.missing) return failed(outcome.error, 'RESOURCE_NOT_FOUND');
  return failed('Workload failed, see run output for details');
}

/** A lost attempt is replaced whatever max_retries says; one that keeps taking the workers down with it is not. */
function mayRecover(attempts: readonly TaskRunRecord[], lostWith: 'emulator' | 'worker'): boolean {
  return lostWith === 'emulator' || attempts.filter((each) => each.lost === 'worker').length < MAX_WORKER_LOSSES;
}

function mayRetry(spec: TaskSpec, attempts: readonly TaskRunRecord[], task: TaskRunRecord): boolean {
  if (task.timedOut && !spec.retryOnTimeout) return false;
  const used = attempts.filter((each) => each.repairId === task.repairId && each.lost === undefined).length - 1;
  return spec.maxRetries < 0 || used < spec.maxRetries;
}
