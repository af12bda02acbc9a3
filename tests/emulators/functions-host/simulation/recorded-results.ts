import type { DatabaseSync } from 'node:sqlite';
import type { ActivityRow } from '../../../../emulators/functions-host/engine/records.ts';
import type { HistoryEvent } from '../../../../emulators/functions-host/engine/types.ts';

/** All that is on disk of what happened to an instance, in its present execution: delivered or not. */
export function recordedEvents(database: DatabaseSync, instanceId: string, executionId: string): HistoryEvent[] {
  const texts = [
    ...database
      .prepare(
        'SELECT events AS text FROM history JOIN instances ON seq = instance_seq WHERE id = ? AND execution_id = ?',
      )
      .all(instanceId, executionId),
    ...database
      .prepare(
        `SELECT '[' || event || ']' AS text FROM inbox JOIN instances ON id = instance_id
         WHERE id = ? AND execution_id = ?`,
      )
      .all(instanceId, executionId),
  ];
  return texts.flatMap(({ text }) => JSON.parse(String(text)) as HistoryEvent[]);
}

/** Whether the result of an activity is on disk. */
export function hasResult(database: DatabaseSync, { instanceId, executionId, taskId }: ActivityRow): boolean {
  return recordedEvents(database, instanceId, executionId).some(
    (event) => (event.type === 'activityCompleted' || event.type === 'activityFailed') && event.id === taskId,
  );
}
