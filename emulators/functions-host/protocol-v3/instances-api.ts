import type { InstanceFilter } from '../engine/records.ts';
import { isTerminal, type RuntimeStatus } from '../engine/types.ts';
import {
  empty,
  flag,
  json,
  type ManagementAnswer,
  type ManagementPorts,
  type ManagementRequest,
  nextPage,
  pageSize,
  parameter,
  time,
} from './management-messages.ts';
import { toStatus } from './status-view.ts';

const allStatuses: readonly RuntimeStatus[] = [
  'Pending',
  'Running',
  'Suspended',
  'ContinuedAsNew',
  'Completed',
  'Failed',
  'Terminated',
];

function filterOf(query: URLSearchParams): InstanceFilter {
  const names = (parameter(query, 'runtimeStatus') ?? '').toLowerCase().split(',');
  const statuses = allStatuses.filter((status) => names.includes(status.toLowerCase()));
  const createdFrom = time(query, 'createdTimeFrom');
  const createdTo = time(query, 'createdTimeTo');
  const idPrefix = parameter(query, 'instanceIdPrefix');
  return {
    statuses,
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
    ...(idPrefix === null ? {} : { idPrefix }),
  };
}

/** Lists instances in pages, or purges those that are over: `instances/`. */
export async function handleInstances(ports: ManagementPorts, request: ManagementRequest): Promise<ManagementAnswer> {
  const { method, query } = request;
  const filter = filterOf(query);
  if (method === 'DELETE') {
    return filter.createdFrom === undefined
      ? json(400, "Please provide value for 'createdTimeFrom' parameter.")
      : purge(ports, filter);
  }
  if (method !== 'GET') {
    return empty(404);
  }
  const page = ports.engine.queries.instances(filter, pageSize(query), request.continuationToken);
  const options = { showInput: flag(query, 'showInput') !== false, showHistory: false, showHistoryOutput: false };
  const body = page.items.map((summary) => toStatus(summary, options));
  return json(200, body, nextPage(page.next));
}

async function purge({ engine }: ManagementPorts, filter: InstanceFilter): Promise<ManagementAnswer> {
  const over = { ...filter, statuses: (filter.statuses?.length ? filter.statuses : allStatuses).filter(isTerminal) };
  let instancesDeleted = 0;
  while (over.statuses.length > 0) {
    const page = engine.queries.instances(over, 1000);
    const outcomes = await Promise.all(page.items.map(({ id }) => engine.purge(id)));
    const deleted = outcomes.filter((outcome) => outcome === 'done').length;
    instancesDeleted += deleted;
    if (page.next === undefined || deleted === 0) {
      break;
    }
  }
  return instancesDeleted === 0 ? empty(404) : json(200, { instancesDeleted });
}
