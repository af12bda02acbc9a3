import { toEntityId } from '../engine/records.ts';
import { parseJson } from './json-text.ts';
import {
  empty,
  failure,
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

/** Signals, reads and lists entities: `entities/{name}/{key}`. */
export async function handleEntities(
  ports: ManagementPorts,
  request: ManagementRequest,
  [name, givenKey]: readonly string[],
): Promise<ManagementAnswer> {
  const { method } = request;
  if (method === 'POST' || method === 'DELETE') {
    return name === undefined ? empty(404) : signal(ports, request, name, keyOf(givenKey));
  }
  if (method !== 'GET') {
    return empty(404);
  }
  if (name === undefined || givenKey === undefined) {
    return listEntities(ports, request, name);
  }
  const entity = ports.engine.queries.entity(toEntityId(name, keyOf(givenKey)));
  return entity === undefined ? empty(404) : json(200, parseJson(entity.state));
}

/** `$` stands for the empty key. */
const keyOf = (given: string | undefined) => (given === undefined || given === '$' ? '' : given);

async function signal(ports: ManagementPorts, request: ManagementRequest, name: string, key: string) {
  if (!ports.hasFunction(name, 'entityTrigger')) {
    return failure(400, `The function '${name}' doesn't exist, is disabled, or is not an entity function.`);
  }
  if (/[/\\?#\p{Cc}]/u.test(key)) {
    return failure(400, 'Entity keys must not contain /, \\, #, ?, or control characters.');
  }
  const operation = request.method === 'DELETE' ? 'delete' : (parameter(request.query, 'op') ?? '');
  const text = await request.body();
  let input: string | null = null;
  if (text !== '') {
    // The library sends its inputs as JSON; anything else is a text.
    input = request.contentType === '' || /json/i.test(request.contentType) ? text : JSON.stringify(text);
    try {
      JSON.parse(input);
    } catch (error) {
      return failure(400, `Could not parse JSON content: ${(error as Error).message}`);
    }
  }
  await ports.engine.signalEntity(name, key, operation, input);
  return empty(202);
}

function listEntities({ engine }: ManagementPorts, request: ManagementRequest, name: string | undefined) {
  const { query } = request;
  const from = time(query, 'lastOperationTimeFrom');
  const to = time(query, 'lastOperationTimeTo');
  const page = engine.queries.entities(
    {
      ...(name === undefined || name === '' ? {} : { name }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    },
    pageSize(query),
    request.continuationToken,
  );
  const body = page.items.map((entity) => ({
    entityId: { name: entity.name, key: entity.key },
    lastOperationTime: new Date(entity.updatedAt).toISOString(),
    state: flag(query, 'fetchState') === true ? parseJson(entity.state) : null,
  }));
  return json(200, body, nextPage(page.next));
}
