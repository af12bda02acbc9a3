import type { DatabaseSync } from 'node:sqlite';
import type { JsonObject } from '../definitions/json.ts';
import { parseJson, writeJson } from '../expressions/index.ts';
import type { ActivityData, ActivityRecord, RunRecord, RunState } from './records.ts';

/** Pipeline runs and their activity runs. */
export interface RunStore {
  get(runId: string): RunRecord | undefined;
  put(run: RunRecord): void;
  /** Oldest first; those of one pipeline if it is named. */
  active(factory?: string, pipelineName?: string): RunRecord[];
  /** Of a factory, updated within a time, oldest first. */
  updatedBetween(factory: string, after: string, before: string): RunRecord[];
  /** The newest run of a group of reruns. */
  newestOfGroup(runGroupId: string): string | undefined;
  putActivity(record: ActivityRecord): void;
  /** All attempts of all activities of a run, oldest first. */
  activitiesOf(runId: string): ActivityRecord[];
  /** The newest attempt of an activity. */
  newestAttempt(runId: string, key: string): ActivityRecord | undefined;
}

/** The runs of an emulator's database. */
export function createRunStore(database: DatabaseSync): RunStore {
  const get = database.prepare('SELECT meta, state, definition FROM runs WHERE run_id = ?');
  const put = database.prepare(`
    INSERT INTO runs (run_id, factory, meta, state, definition) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (run_id) DO UPDATE SET meta = excluded.meta, state = excluded.state
  `);
  const active = database.prepare(`
    SELECT meta, state, definition FROM runs
    WHERE status IN ('Queued', 'InProgress', 'Canceling')
      AND (?1 IS NULL OR factory = ?1) AND (?2 IS NULL OR pipeline = ?2)
    ORDER BY sequence
  `);
  const updated = database.prepare(`
    SELECT meta, state, definition FROM runs WHERE factory = ? AND updated BETWEEN ? AND ? ORDER BY sequence
  `);
  const newest = database.prepare('SELECT run_id FROM runs WHERE run_group = ? ORDER BY sequence DESC LIMIT 1');
  const putActivity = database.prepare(`
    INSERT INTO activity_runs (activity_run_id, run_id, key, meta, data) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (activity_run_id) DO UPDATE SET meta = excluded.meta, data = excluded.data
  `);
  const ofRun = database.prepare('SELECT meta, data FROM activity_runs WHERE run_id = ? ORDER BY sequence');
  const attempt = database.prepare(
    'SELECT meta, data FROM activity_runs WHERE run_id = ? AND key = ? ORDER BY sequence DESC LIMIT 1',
  );
  return {
    get: (runId) => readRun(get.get(runId)),
    put: ({ state, definition, ...meta }) => {
      const texts = [JSON.stringify(meta), writeJson(state), JSON.stringify(definition)] as const;
      put.run(meta.runId, meta.factory, ...texts);
    },
    active: (factory, pipelineName) =>
      active.all(factory ?? null, pipelineName?.toLowerCase() ?? null).flatMap((row) => readRun(row) ?? []),
    updatedBetween: (factory, after, before) =>
      updated.all(factory, after, before).flatMap((row) => readRun(row) ?? []),
    newestOfGroup: (group) => {
      const row = newest.get(group);
      return row === undefined ? undefined : String(row.run_id);
    },
    putActivity: ({ data, ...meta }) => {
      putActivity.run(meta.activityRunId, meta.runId, meta.key, JSON.stringify(meta), writeJson(data));
    },
    activitiesOf: (runId) => ofRun.all(runId).map(readActivity),
    newestAttempt: (runId, key) => {
      const row = attempt.get(runId, key);
      return row === undefined ? undefined : readActivity(row);
    },
  };
}

function readRun(row: Record<string, unknown> | undefined): RunRecord | undefined {
  if (row === undefined) return undefined;
  const meta = JSON.parse(String(row.meta)) as Omit<RunRecord, 'state' | 'definition'>;
  const definition = JSON.parse(String(row.definition)) as JsonObject;
  return { ...meta, definition, state: parseJson(String(row.state)) as RunState };
}

function readActivity(row: Record<string, unknown>): ActivityRecord {
  const meta = JSON.parse(String(row.meta)) as Omit<ActivityRecord, 'data'>;
  return { ...meta, data: parseJson(String(row.data)) as ActivityData };
}
