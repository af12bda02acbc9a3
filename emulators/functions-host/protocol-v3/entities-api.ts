import { toEntityId } from '../engine/records.ts';
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
import { parseJson } from './status-view.ts';

/** Signals, reads and lists entities: `entities/{name}/{key}`. */
export async function handleEntities(
  ports: ManagementPorts,
  request: ManagementRequest,
  path: readonly string[],
): Promise<ManagementAnswer> {
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
