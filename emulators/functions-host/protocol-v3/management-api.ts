import type { Answer as Outcome } from '../engine/engine.ts';
import type { InstanceFilter, InstanceSummary } from '../engine/records.ts';
import { isTerminal, type RuntimeStatus } from '../engine/types.ts';
import { managementUrls } from './client-binding.ts';
import { handleEntities } from './entities-api.ts';
import {
  isTrue,
  json,
  jsonBody,
  type ManagementAnswer,
  type ManagementPorts,
  type ManagementRequest,
  pageSize,
  plain,
} from './management-messages.ts';
import { parseJson, toStatus } from './status-view.ts';

const allStatuses: readonly RuntimeStatus[] = [
  'Pending',
  'Running',
  'Suspended',
  'ContinuedAsNew',
  'Completed',
  'Failed',
  'Terminated',
];
/**
 * The HTTP API by which durable clients start, ask for and control instances and entities.
 * Source: Azure/azure-functions-durable-extension, `HttpApiHandler.cs`.
 */
export async function handleManagement(ports: ManagementPorts, request: ManagementRequest): Promise<ManagementAnswer> {
  const [collection, ...rest] = request.path.filter((segment, index) => segment !== '' || index === 0);
  switch (collection?.toLowerCase()) {
    case 'orchestrators':
      return request.method === 'POST' ? startInstance(ports, request, rest) : plain(405);
    case 'instances':
      return rest[0] === undefined ? instances(ports, request) : instance(ports, request, rest[0], rest.slice(1));
    case 'entities':
      return handleEntities(ports, request, rest);
    default:
      return plain(404);
  }
}

/** Why an id cannot be used; undefined when it can. */
export function instanceIdFault(id: string): string | undefined {
  if (id.length === 0 || id.length > 256) {
    return 'an instance id has 1 to 256 characters';
  }
  if (id.startsWith('@')) {
    return 'an instance id must not start with @, which marks entities';
  }
  return /[/\\?#\p{Cc}]/u.test(id) ? 'an instance id must not contain / \\ ? # or control characters' : undefined;
}

function accepted({ endpoints }: ManagementPorts, id: string): ManagementAnswer {
  const urls = managementUrls(endpoints, id);
  return json(202, urls, { location: urls.statusQueryGetUri ?? '', 'retry-after': '10' });
}

async function startInstance(ports: ManagementPorts, request: ManagementRequest, path: readonly string[]) {
  const [name = '', instanceId] = path;
  const input = await jsonBody(request);
  if (input === undefined) {
    return plain(400, 'Invalid JSON content');
  }
  if (!ports.hasFunction(name, 'orchestrationTrigger')) {
    return plain(400, `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
  }
  const fault = instanceId === undefined ? undefined : instanceIdFault(instanceId);
  if (fault !== undefined) {
    return plain(400, fault);
  }
  const id = await ports.engine.startInstance({
    name,
    input,
    version: request.query.get('version'),
    ...(instanceId === undefined ? {} : { instanceId }),
  });
  if (id === undefined) {
    return plain(409, `An Orchestration instance with the status Running already exists: '${instanceId}'.`);
  }
  const timeout = request.query.get('timeout');
  return timeout === null ? accepted(ports, id) : waitFor(ports, id, Number(timeout));
}

async function waitFor(ports: ManagementPorts, id: string, seconds: number): Promise<ManagementAnswer> {
  const summary = await ports.engine.waitUntilOver(id, Number.isFinite(seconds) ? seconds * 1000 : 0);
  switch (summary?.status) {
    case 'Completed':
      return json(200, parseJson(summary.output));
    case 'Failed':
      return json(500, toStatus(summary, { showInput: true, showHistory: false, showHistoryOutput: false }));
    case 'Terminated':
      return json(200, toStatus(summary, { showInput: true, showHistory: false, showHistoryOutput: false }));
    default:
      return accepted(ports, id);
  }
}

function statusOptions(query: URLSearchParams) {
  return {
    showInput: query.get('showInput')?.toLowerCase() !== 'false',
    showHistory: isTrue(query.get('showHistory')),
    showHistoryOutput: isTrue(query.get('showHistoryOutput')),
  };
}

function filterOf(query: URLSearchParams): InstanceFilter {
  const time = (name: string) => {
    const at = Date.parse(query.get(name) ?? '');
    return Number.isNaN(at) ? undefined : at;
  };
  const names = (query.get('runtimeStatus') ?? '').toLowerCase().split(',');
  const statuses = allStatuses.filter((status) => names.includes(status.toLowerCase()));
  const createdFrom = time('createdTimeFrom');
  const createdTo = time('createdTimeTo');
  const idPrefix = query.get('instanceIdPrefix');
  return {
    statuses,
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
    ...(idPrefix === null ? {} : { idPrefix }),
  };
}

async function instances(ports: ManagementPorts, request: ManagementRequest): Promise<ManagementAnswer> {
  const { engine } = ports;
  const filter = filterOf(request.query);
  if (request.method === 'GET') {
    const page = engine.queries.instances(filter, pageSize(request.query), request.continuationToken);
    const options = statusOptions(request.query);
    const body = page.items.map((summary) => toStatus(summary, { ...options, showHistory: false }));
    return json(200, body, page.next === undefined ? {} : { 'x-ms-continuation-token': page.next });
  }
  if (request.method !== 'DELETE') {
    return plain(405);
  }
  if (filter.createdFrom === undefined) {
    return plain(400, 'createdTimeFrom is required');
  }
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
  return instancesDeleted === 0 ? plain(404) : json(200, { instancesDeleted });
}

async function instance(
  ports: ManagementPorts,
  request: ManagementRequest,
  id: string,
  action: readonly string[],
): Promise<ManagementAnswer> {
  const { engine } = ports;
  const reason = request.query.get('reason') ?? '';
  switch (`${request.method} ${action[0]?.toLowerCase() ?? ''}`) {
    case 'GET ':
      return status(ports, request, id);
    case 'DELETE ': {
      const outcome = await engine.purge(id);
      return outcome === 'done'
        ? json(200, { instancesDeleted: 1 })
        : outcome === 'notFound'
          ? plain(404)
          : json(200, { instancesDeleted: 0 });
    }
    case 'POST raiseevent': {
      const [, name = ''] = action;
      const isJson = request.contentType === '' || /json/i.test(request.contentType);
      const input = isJson ? await jsonBody(request) : undefined;
      return input === undefined
        ? plain(400, 'Only application/json request content is supported')
        : toAnswer(await engine.raiseEvent(id, name, input));
    }
    case 'POST terminate':
      return toAnswer(await engine.terminate(id, reason));
    case 'POST suspend':
      return toAnswer(await engine.suspend(id, reason));
    case 'POST resume':
      return toAnswer(await engine.resume(id, reason));
    case 'POST rewind':
      return toAnswer(await engine.rewind(id, reason));
    case 'POST restart':
      return restart(ports, request, id);
    default:
      return plain(404);
  }
}

function toAnswer(outcome: Outcome): ManagementAnswer {
  switch (outcome) {
    case 'done':
      return plain(202);
    case 'notFound':
      return plain(404);
    case 'over':
      return plain(410);
    case 'unchanged':
      return plain(500, 'The instance is in that state already.');
    case 'notFailed':
      return plain(412, 'The rewind operation is only supported on failed orchestration instances.');
  }
}

function status(ports: ManagementPorts, request: ManagementRequest, id: string): ManagementAnswer {
  const { engine, endpoints } = ports;
  const summary: InstanceSummary | undefined = engine.queries.instance(id);
  if (summary === undefined) {
    return plain(404);
  }
  const options = statusOptions(request.query);
  const body = toStatus(summary, options, options.showHistory ? engine.queries.history(id) : []);
  if (!isTerminal(summary.status)) {
    const location = managementUrls(endpoints, id).statusQueryGetUri ?? '';
    return json(202, body, { location, 'retry-after': '5' });
  }
  const asError = summary.status === 'Failed' && isTrue(request.query.get('returnInternalServerErrorOnFailure'));
  return json(asError ? 500 : 200, body);
}

async function restart(ports: ManagementPorts, request: ManagementRequest, id: string): Promise<ManagementAnswer> {
  const summary = ports.engine.queries.instance(id);
  if (summary === undefined) {
    return plain(400, `An orchestration with the instance id '${id}' was not found.`);
  }
  const withNewId = request.query.get('restartWithNewInstanceId')?.toLowerCase() !== 'false';
  const { name, input } = summary;
  const started = await ports.engine.startInstance({ name, input, ...(withNewId ? {} : { instanceId: id }) });
  return started === undefined ? plain(409, `The instance '${id}' is still running.`) : accepted(ports, started);
}
