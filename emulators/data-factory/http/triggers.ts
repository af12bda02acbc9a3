import { optionalString } from '../definitions/json.ts';
import type { ResourceRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Scheduler } from '../triggers/scheduler.ts';
import { notFound } from './api-error.ts';
import { FACTORY, requireFactory } from './factory-path.ts';
import { presentTriggerRun } from './present-runs.ts';
import { presentResource } from './resources.ts';
import type { ApiRequest, Routes } from './router.ts';
import { applyRunFilter, readRunFilter } from './run-filter.ts';

/** Starting, stopping and querying triggers. */
export function triggerRoutes(store: Store, scheduler: Scheduler): Routes {
  const triggerOf = (request: ApiRequest): { readonly key: string; readonly trigger: ResourceRecord } => {
    const { key } = requireFactory(store, request);
    const { name = '' } = request.params;
    const trigger = store.resources.get(key, 'triggers', name);
    if (trigger === undefined) throw notFound(name);
    return { key, trigger };
  };
  return {
    [`POST ${FACTORY}/triggers/{name}/start`]: (request) => {
      const { key, trigger } = triggerOf(request);
      if (trigger.properties.runtimeState !== 'Started') scheduler.start(key, trigger);
      return {};
    },
    [`POST ${FACTORY}/triggers/{name}/stop`]: (request) => {
      const { key, trigger } = triggerOf(request);
      scheduler.stop(key, trigger);
      return {};
    },
    [`POST ${FACTORY}/querytriggers`]: (request) => {
      const { key } = requireFactory(store, request);
      const parent = optionalString(request.body, 'parentTriggerName');
      const value = parent === undefined ? store.resources.list(key, 'triggers') : [];
      return { body: { value: value.map((record) => presentResource(request, 'triggers', record)) } };
    },
    [`POST ${FACTORY}/queryTriggerRuns`]: (request) => {
      const { key } = requireFactory(store, request);
      const filter = readRunFilter(request.body);
      const runs = store.triggerRuns
        .list(key)
        .filter(({ triggerRunTimestamp: time }) => time >= filter.updatedAfter && time <= filter.updatedBefore);
      const page = applyRunFilter(runs, filter, (run, operand) => {
        switch (operand) {
          case 'TriggerName':
            return run.triggerName;
          case 'TriggerRunTimestamp':
            return run.triggerRunTimestamp;
          case 'Status':
            return run.status;
          case 'RunGroupId':
            return run.triggerRunId;
          default:
            return undefined;
        }
      });
      return { body: { ...page, value: page.value.map(presentTriggerRun) } };
    },
  };
}
