import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type JobSpec, readJobSpec, type TaskSpec } from '../domain/job-settings.ts';
import { resolveArguments, resolveJobParameters } from '../domain/parameters.ts';
import { hasEnded, type RunRecord, type RunState, type TaskRunRecord } from '../domain/records.ts';
import { CANCELED, PENDING, RUNNING, TERMINATING, TIMED_OUT } from '../domain/run-states.ts';
import { latestAttempts, runEnding, unblock } from '../domain/task-graph.ts';
import type { Store } from '../store/store.ts';
import type { TaskOutcome, TaskProcess, WorkerPool } from '../worker/worker-pool.ts';
import { endedAttempt, nextAttempt } from './task-ending.ts';
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
    for (const run of this.#store.runs.active()) {
      if (run.state.lifeCycle === 'QUEUED') this.#startNextOf(run.jobId);
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
    const { runs } = this.#store;
    const ended = endedAttempt(run, task, outcome, lostWith);
    runs.putTask(ended);
    const attempts = runs.tasksOf(run.runId).filter((each) => each.taskKey === task.taskKey);
    const spec = taskOf(readJobSpec(run.settings), task.taskKey);
    const next = nextAttempt(run, spec, attempts, ended, () => this.#store.nextId());
    if (next !== undefined) runs.putTask(next);
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
