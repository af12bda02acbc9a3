import { randomUUID } from 'node:crypto';
import { DefinitionError } from '../definitions/json.ts';
import type { Activity } from '../definitions/pipeline.ts';
import type { RunRecord } from '../store/records.ts';
import type { RunStore } from '../store/run-store.ts';

/** A rerun: which run it repeats, and from where. */
export interface Recovery {
  readonly reference: RunRecord;
  /** It joins the group of that run. */
  readonly sameGroup: boolean;
  readonly startActivityName: string | undefined;
  /** Only what did not succeed is repeated, and what follows it. */
  readonly fromFailure: boolean;
}

/** Copies into a rerun the activities that are not to be repeated. */
export function carryOver(runs: RunStore, run: RunRecord, activities: readonly Activity[], recovery: Recovery): void {
  const { reference, startActivityName, fromFailure } = recovery;
  if (startActivityName === undefined && !fromFailure) return;
  const records = runs.activitiesOf(reference.runId);
  const succeeded = new Set(
    records
      .filter(({ status, final, key }) => final && status === 'Succeeded' && !key.includes('/'))
      .map(({ key }) => key),
  );
  if (startActivityName !== undefined && !activities.some(({ name }) => name === startActivityName)) {
    throw new DefinitionError(`The pipeline has no activity '${startActivityName}' to start from.`);
  }
  const repeated = new Set(
    activities
      .map(({ name }) => name)
      .filter((name) => (startActivityName === undefined ? !succeeded.has(name) : name === startActivityName)),
  );
  for (let before = -1; before !== repeated.size; ) {
    before = repeated.size;
    for (const { name, dependsOn } of activities) {
      if (dependsOn.some(({ activity }) => repeated.has(activity))) repeated.add(name);
    }
  }
  for (const record of records) {
    const top = record.key.split(/[[/]/)[0] ?? '';
    if (!record.final || repeated.has(top)) continue;
    runs.putActivity({ ...record, runId: run.runId, activityRunId: randomUUID() });
  }
}
