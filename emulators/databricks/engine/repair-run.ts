import { invalidParameter, invalidState } from '../api-error.ts';
import { readJobSpec } from '../domain/job-settings.ts';
import { hasEnded, type RepairRecord, type RunOverrides, type RunRecord } from '../domain/records.ts';
import { PENDING } from '../domain/run-states.ts';
import { dependents, latestAttempts } from '../domain/task-graph.ts';
import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';
import { firstAttempt } from './start-run.ts';

/** What runs/repair asks for. */
export interface RepairRequest {
  readonly tasks: readonly string[] | undefined;
  readonly allFailed: boolean;
  readonly withDependents: boolean;
  readonly latestRepairId: number | undefined;
  readonly overrides: RunOverrides;
}

/** Runs tasks of an ended run again, under the same run id; the other tasks keep their ends. */
export function repairRun(store: Store, engine: Engine, run: RunRecord, request: RepairRequest): RepairRecord {
  if (!hasEnded(run.state)) throw invalidState(`Run ${run.runId} is active: it can be repaired when it has ended.`);
  const latestRepair = run.repairs.at(-1)?.id ?? 0;
  if (latestRepair > 0 && request.latestRepairId !== latestRepair) {
    throw invalidParameter(`latest_repair_id must be ${latestRepair}, the id of the latest repair of the run.`);
  }
  const keys = tasksToRerun(store, run, request);
  const startTime = Date.now();
  const repaired = store.transaction(() => {
    const repair: RepairRecord = { id: store.nextId(), startTime, endTime: 0, state: PENDING };
    const latest = latestAttempts(store.runs.tasksOf(run.runId));
    for (const key of keys) {
      const attemptNumber = (latest.get(key)?.attemptNumber ?? -1) + 1;
      store.runs.putTask(firstAttempt(store, run.runId, key, attemptNumber, repair.id));
    }
    const again: RunRecord = {
      ...run,
      state: PENDING,
      endTime: 0,
      stop: null,
      repairs: [...run.repairs, repair],
      overrides: {
        ...run.overrides,
        ...request.overrides,
        jobParameters: { ...run.overrides.jobParameters, ...request.overrides.jobParameters },
      },
    };
    store.runs.put(again);
    return { run: again, repair };
  });
  engine.begin(repaired.run);
  return repaired.repair;
}

function tasksToRerun(store: Store, run: RunRecord, request: RepairRequest): readonly string[] {
  const { tasks } = readJobSpec(run.settings);
  if (request.allFailed === (request.tasks !== undefined)) {
    throw invalidParameter('Give either rerun_tasks or rerun_all_failed_tasks.');
  }
  const unknown = request.tasks?.find((key) => !tasks.some((task) => task.taskKey === key));
  if (unknown !== undefined) throw invalidParameter(`Task ${unknown} in rerun_tasks does not exist.`);
  const failed = [...latestAttempts(store.runs.tasksOf(run.runId)).values()]
    .filter(({ state }) => state.result !== 'SUCCESS' && state.result !== 'EXCLUDED')
    .map(({ taskKey }) => taskKey);
  const chosen = request.tasks ?? failed;
  if (chosen.length === 0) throw invalidParameter(`Run ${run.runId} has no task to rerun.`);
  return request.withDependents ? [...dependents(tasks, chosen)] : chosen;
}
