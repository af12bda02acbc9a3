import { optionalString } from '../definitions/json.ts';
import type { Engine } from '../engine/engine.ts';
import { isObject, toValue } from '../expressions/index.ts';
import type { RunRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { ApiError, notFound } from './api-error.ts';
import { FACTORY, requireFactory } from './factory-path.ts';
import { presentActivityRun, presentRun } from './present-runs.ts';
import type { ApiRequest, Routes } from './router.ts';
import { applyRunFilter, readRunFilter } from './run-filter.ts';

/** Pipeline runs and activity runs: start, look, cancel. */
export function runRoutes(store: Store, engine: Engine): Routes {
  const runOf = (request: ApiRequest, runId = request.params.runId ?? ''): RunRecord => {
    const { key } = requireFactory(store, request);
    const run = store.runs.get(runId);
    if (run?.factory === key) return run;
    throw new ApiError(404, 'PipelineRunNotFound', `The pipeline run with id ${runId} was not found.`);
  };
  const present = (run: RunRecord) => presentRun(run, store.runs.newestOfGroup(run.runGroupId));
  return {
    [`POST ${FACTORY}/pipelines/{name}/createRun`]: (request) => {
      const { key } = requireFactory(store, request);
      const { name = '' } = request.params;
      if (store.resources.get(key, 'pipelines', name) === undefined) throw notFound(name);
      const given = toValue(request.body);
      const reference = request.query.get('referencePipelineRunId');
      const start = request.query.get('startActivityName');
      const runId = engine.start({
        factory: key,
        pipelineName: name,
        parameters: isObject(given) ? given : {},
        invokedBy: {
          id: request.header('x-ms-client-request-id') ?? 'manual',
          name: 'Manual',
          invokedByType: 'Manual',
        },
        ...(reference === null
          ? {}
          : {
              recovery: {
                reference: runOf(request, reference),
                sameGroup: request.query.get('isRecovery') === 'true',
                startActivityName: start ?? undefined,
                fromFailure: request.query.get('startFromFailure') === 'true',
              },
            }),
      });
      return { body: { runId } };
    },
    [`GET ${FACTORY}/pipelineruns/{runId}`]: (request) => ({ body: present(runOf(request)) }),
    [`POST ${FACTORY}/pipelineruns/{runId}/cancel`]: (request) => {
      const run = runOf(request);
      if (run.runEnd !== null) {
        throw new ApiError(
          400,
          'BadRequest',
          `The pipeline run ${run.runId} has ended (${run.status}); it cannot be cancelled.`,
        );
      }
      engine.cancel(run.runId, request.query.get('isRecursive') === 'true');
      return {};
    },
    [`POST ${FACTORY}/queryPipelineRuns`]: (request) => {
      const { key } = requireFactory(store, request);
      const filter = readRunFilter(request.body);
      const runs = store.runs.updatedBetween(key, filter.updatedAfter, filter.updatedBefore);
      const page = applyRunFilter(runs, filter, (run, operand) => runOperand(store, run, operand));
      return { body: { ...page, value: page.value.map(present) } };
    },
    [`POST ${FACTORY}/pipelineruns/{runId}/queryActivityruns`]: (request) => {
      const run = runOf(request);
      const filter = readRunFilter(request.body);
      const records = store.runs
        .activitiesOf(run.runId)
        .filter(({ start, end }) => (end ?? start) >= filter.updatedAfter && start <= filter.updatedBefore)
        .map((record) => presentActivityRun(record, run.pipelineName));
      const page = applyRunFilter(records, filter, (record, operand) => {
        switch (operand) {
          case 'ActivityRunStart':
          case 'ActivityRunEnd':
          case 'ActivityName':
          case 'ActivityType':
          case 'Status':
            return optionalString(record, `${operand[0]?.toLowerCase()}${operand.slice(1)}`) ?? '';
          case 'PipelineName':
            return record.pipelineName;
          default:
            return undefined;
        }
      });
      return { body: page };
    },
  };
}

function runOperand(store: Store, run: RunRecord, operand: string): string | undefined {
  switch (operand) {
    case 'PipelineName':
      return run.pipelineName;
    case 'Status':
      return run.status;
    case 'RunStart':
      return run.runStart;
    case 'RunEnd':
      return run.runEnd ?? '';
    case 'RunGroupId':
      return run.runGroupId;
    case 'TriggerName':
      return run.invokedBy.name;
    case 'TriggerId':
      return run.invokedBy.id;
    case 'LatestOnly':
      return String(store.runs.newestOfGroup(run.runGroupId) === run.runId);
    default:
      return undefined;
  }
}
