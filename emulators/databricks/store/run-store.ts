import type { DatabaseSync } from 'node:sqlite';
import type { RunRecord, TaskRunRecord } from '../domain/records.ts';
import { docOf, docsOf } from './documents.ts';

/** What runs/list may ask for. */
export interface RunFilter {
  readonly jobId: number | undefined;
  readonly active: boolean | undefined;
  readonly startFrom: number;
  readonly startTo: number;
  readonly before: number;
  readonly limit: number;
}

/** The runs and their task runs. */
export interface RunStore {
  get(runId: number): RunRecord | undefined;
  put(run: RunRecord): void;
  findByToken(token: string): RunRecord | undefined;
  /** Newest first, deleted ones left out. */
  list(filter: RunFilter): RunRecord[];
  /** Oldest first. */
  active(): RunRecord[];
  /** The active runs of one job, oldest first. */
  activeOfJob(jobId: number): RunRecord[];
  task(runId: number): TaskRunRecord | undefined;
  putTask(task: TaskRunRecord): void;
  /** All attempts of all tasks of a run, oldest first. */
  tasksOf(runId: number): TaskRunRecord[];
  /** Attempts that may start at `now`, oldest first. */
  readyTasks(now: number): TaskRunRecord[];
  /** When the next waiting retry is due. */
  nextRetryTime(now: number): number | undefined;
}

/** The runs of a workspace's database. */
export function createRunStore(database: DatabaseSync): RunStore {
  const get = database.prepare('SELECT doc FROM runs WHERE run_id = ?');
  const put = database.prepare(
    'INSERT INTO runs (run_id, doc) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET doc = excluded.doc',
  );
  const byToken = database.prepare('SELECT doc FROM runs WHERE token = ?');
  const list = database.prepare(`
    SELECT doc FROM runs
    WHERE NOT deleted AND run_id < ?1 AND (?2 IS NULL OR job_id = ?2) AND (?3 IS NULL OR active = ?3)
      AND start_time BETWEEN ?4 AND ?5
    ORDER BY run_id DESC LIMIT ?6
  `);
  const active = database.prepare('SELECT doc FROM runs WHERE active ORDER BY run_id');
  const activeOfJob = database.prepare('SELECT doc FROM runs WHERE active AND job_id = ? ORDER BY run_id');
  const task = database.prepare('SELECT doc FROM task_runs WHERE run_id = ?');
  const putTask = database.prepare(
    'INSERT INTO task_runs (run_id, doc) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET doc = excluded.doc',
  );
  const tasksOf = database.prepare('SELECT doc FROM task_runs WHERE parent_run_id = ? ORDER BY run_id');
  const ready = database.prepare(`
    SELECT doc FROM task_runs
    WHERE life_cycle IN ('PENDING', 'WAITING_FOR_RETRY') AND not_before <= ? ORDER BY run_id
  `);
  const nextRetry = database.prepare(`
    SELECT min(not_before) AS due FROM task_runs
    WHERE life_cycle IN ('PENDING', 'WAITING_FOR_RETRY') AND not_before > ?
  `);
  return {
    get: (runId) => docOf<RunRecord>(get.get(runId)),
    put: (run) => void put.run(run.runId, JSON.stringify(run)),
    findByToken: (token) => docOf<RunRecord>(byToken.get(token)),
    list: (filter) => {
      const isActive = filter.active === undefined ? null : Number(filter.active);
      const { before, jobId, startFrom, startTo, limit } = filter;
      return docsOf<RunRecord>(list.all(before, jobId ?? null, isActive, startFrom, startTo, limit));
    },
    active: () => docsOf<RunRecord>(active.all()),
    activeOfJob: (jobId) => docsOf<RunRecord>(activeOfJob.all(jobId)),
    task: (runId) => docOf<TaskRunRecord>(task.get(runId)),
    putTask: (record) => void putTask.run(record.runId, JSON.stringify(record)),
    tasksOf: (runId) => docsOf<TaskRunRecord>(tasksOf.all(runId)),
    readyTasks: (now) => docsOf<TaskRunRecord>(ready.all(now)),
    nextRetryTime: (now) => {
      const due = nextRetry.get(now)?.due;
      return typeof due === 'number' ? due : undefined;
    },
  };
}
