import type { DurableEngine, Answer as Outcome } from '../engine/engine.ts';
import { type InstanceFilter, type InstanceSummary, toEntityId } from '../engine/records.ts';
import { isTerminal, type RuntimeStatus } from '../engine/types.ts';
import { type ClientEndpoints, managementUrls } from './client-binding.ts';
import { parseJson, toStatus } from './status-view.ts';

/** A request to the management API; `path` is what follows `/runtime/webhooks/durabletask/`, decoded. */
export interface ManagementRequest {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly continuationToken: string | undefined;
  readonly body: () => Promise<string>;
}

export interface ManagementAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ManagementPorts {
  readonly engine: DurableEngine;
  readonly endpoints: ClientEndpoints;
  readonly hasFunction: (name: string, kind: 'orchestrationTrigger' | 'entityTrigger') => boolean;
}

const allStatuses: readonly RuntimeStatus[] = [
  'Pending',
  'Running',
  'Suspended',
  'ContinuedAsNew',
  'Completed',
  'Failed',
  'Terminated',
];
const defaultPage = 100;

const plain = (status: number, body = ''): ManagementAnswer => ({
  status,
  ...(body === '' ? {} : { headers: { 'content-type': 'text/plain; charset=utf-8' }, body }),
});

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): ManagementAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
});

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
      return entities(ports, request, rest);
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

/** The body as JSON text; null when there is none, undefined when it is no JSON. */
async function jsonBody(request: ManagementRequest): Promise<string | null | undefined> {
  const body = await request.body();
  if (body.trim() === '') {
    return null;
  }
  try {
    JSON.parse(body);
    return body;
  } catch {
    return undefined;
  }
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

const isTrue = (text: string | null) => text?.toLowerCase() === 'true';

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

function pageSize(query: URLSearchParams): number {
  const top = Number(query.get('top') ?? Number.NaN);
  return Number.isInteger(top) && top > 0 ? top : defaultPage;
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

async function entities(ports: ManagementPorts, request: ManagementRequest, path: readonly string[]) {
  const { engine } = ports;
  const [name, givenKey] = path;
  if (name === undefined || givenKey === undefined) {
    return request.method === 'GET' ? listEntities(ports, request, name) : plain(405);
  }
  const key = givenKey === '$' ? '' : givenKey;
  if (request.method === 'GET') {
    const entity = engine.queries.entity(toEntityId(name, key));
    return entity === undefined ? plain(404) : json(200, parseJson(entity.state));
  }
  if (request.method !== 'POST') {
    return plain(405);
  }
  if (!ports.hasFunction(name, 'entityTrigger')) {
    return plain(404, `The function '${name}' doesn't exist, is disabled, or is not an entity function.`);
  }
  const isJson = request.contentType === '' || /json/i.test(request.contentType);
  const text = await request.body();
  const input = isJson ? await jsonBody({ ...request, body: async () => text }) : JSON.stringify(text);
  if (input === undefined) {
    return plain(400, 'Invalid JSON content');
  }
  await engine.signalEntity(name, key, request.query.get('op') ?? '', input);
  return plain(202);
}

function listEntities({ engine }: ManagementPorts, request: ManagementRequest, name: string | undefined) {
  const { query } = request;
  const from = Date.parse(query.get('lastOperationTimeFrom') ?? '');
  const to = Date.parse(query.get('lastOperationTimeTo') ?? '');
  const page = engine.queries.entities(
    {
      ...(name === undefined || name === '' ? {} : { name }),
      ...(Number.isNaN(from) ? {} : { from }),
      ...(Number.isNaN(to) ? {} : { to }),
    },
    pageSize(query),
    request.continuationToken,
  );
  const body = page.items.map((entity) => ({
    entityId: { name: entity.name, key: entity.key },
    lastOperationTime: new Date(entity.updatedAt).toISOString(),
    state: isTrue(query.get('fetchState')) ? parseJson(entity.state) : null,
  }));
  return json(200, body, page.next === undefined ? {} : { 'x-ms-continuation-token': page.next });
}
