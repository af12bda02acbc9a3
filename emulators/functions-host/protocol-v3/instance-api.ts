import type { Answer } from '../engine/engine.ts';
import { isTerminal } from '../engine/types.ts';
import { managementUrls } from './client-binding.ts';
import {
  empty,
  failure,
  flag,
  json,
  jsonBody,
  type ManagementAnswer,
  type ManagementPorts,
  type ManagementRequest,
  parameter,
} from './management-messages.ts';
import { restartInstance } from './start-api.ts';
import { toStatus } from './status-view.ts';

/** Shows, purges and controls one instance: `instances/{id}[/{operation}]`. */
export async function handleInstance(
  ports: ManagementPorts,
  request: ManagementRequest,
  id: string,
  [operation = '', eventName = '']: readonly string[],
): Promise<ManagementAnswer> {
  const { engine } = ports;
  const reason = parameter(request.query, 'reason') ?? '';
  const refused = (outcome: Answer) => refusal(ports, id, operation.toLowerCase(), outcome);
  switch (`${request.method} ${operation.toLowerCase()}`) {
    case 'GET ':
      return status(ports, request, id);
    case 'DELETE ': {
      const outcome = id.startsWith('@') ? await engine.purgeEntity(id) : await engine.purge(id);
      return outcome === 'done' ? json(200, { instancesDeleted: 1 }) : refusal(ports, id, 'purge', outcome);
    }
    case 'POST raiseevent':
      return eventName === '' ? empty(404) : raiseEvent(ports, request, id, eventName);
    case 'POST terminate':
      return refused(await engine.terminate(id, reason));
    case 'POST suspend':
      return refused(await engine.suspend(id, reason));
    case 'POST resume':
      return refused(await engine.resume(id, reason));
    case 'POST rewind':
      return refused(await engine.rewind(id, reason));
    case 'POST restart':
      return restartInstance(ports, request, id);
    default:
      return empty(404);
  }
}

/** 202 if it was done, or why it was not. */
function refusal({ engine }: ManagementPorts, id: string, operation: string, outcome: Answer): ManagementAnswer {
  const now = engine.queries.instance(id)?.status ?? 'Running';
  switch (outcome) {
    case 'done':
      return empty(202);
    case 'notFound':
      return operation === 'rewind' ? json(404, `No orchestration with instance ID "${id}" found.`) : empty(404);
    case 'over':
      return empty(410);
    case 'unchanged':
      return failure(
        500,
        `Cannot ${operation} the orchestration instance ${id} because instance is in the ${now} state.`,
      );
    case 'notFailed':
      return json(
        412,
        `This orchestration has status ${now}, but only orchestrations in the "Failed" state can be rewound.`,
      );
    case 'running':
      return json(
        412,
        `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${now}`,
      );
  }
}

async function raiseEvent(ports: ManagementPorts, request: ManagementRequest, id: string, name: string) {
  const { engine } = ports;
  const known = engine.queries.instance(id);
  if (known === undefined || isTerminal(known.status)) {
    return empty(known === undefined ? 404 : 410);
  }
  // The library sends no content type with an event that has no value.
  if (request.contentType !== '' && !/^application\/json\s*(;|$)/i.test(request.contentType)) {
    return failure(400, 'Only application/json request content is supported');
  }
  const input = await jsonBody(request);
  return input === undefined
    ? failure(400, 'Invalid JSON content')
    : refusal(ports, id, 'raiseEvent', await engine.raiseEvent(id, name, input));
}

function status(ports: ManagementPorts, request: ManagementRequest, id: string): ManagementAnswer {
  const { engine, endpoints } = ports;
  const { query } = request;
  const summary = engine.queries.instance(id);
  if (summary === undefined) {
    return empty(404);
  }
  const options = {
    showInput: flag(query, 'showInput') !== false,
    showHistory: flag(query, 'showHistory') === true,
    showHistoryOutput: flag(query, 'showHistoryOutput') === true,
  };
  const body = toStatus(summary, options, options.showHistory ? engine.queries.history(id) : []);
  if (!isTerminal(summary.status)) {
    const location = managementUrls(endpoints, id).statusQueryGetUri ?? '';
    return json(202, body, { location, 'retry-after': '5' });
  }
  const asError = summary.status === 'Failed' && flag(query, 'returnInternalServerErrorOnFailure') === true;
  return json(asError ? 500 : 200, body);
}
