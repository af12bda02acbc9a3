import { isTerminal } from '../engine/types.ts';
import { managementUrls } from './client-binding.ts';
import { parseJson } from './json-text.ts';
import {
  failure,
  flag,
  json,
  jsonBody,
  type ManagementAnswer,
  type ManagementPorts,
  type ManagementRequest,
  parameter,
} from './management-messages.ts';
import { toStatus } from './status-view.ts';

/** Why an id cannot be used; undefined when it can. */
export function instanceIdFault(id: string): string | undefined {
  if (id.length > 256) {
    return 'Instance ID lengths must not exceed 256 characters.';
  }
  if (id.startsWith('@')) {
    return 'Orchestration instance ids must not start with @.';
  }
  return /[/\\?#\p{Cc}]/u.test(id)
    ? 'Orchestration instance ids must not contain /, \\, #, ?, or control characters.'
    : undefined;
}

/** Starts an orchestration: `orchestrators/{name}[/{id}]`. */
export async function startInstance(
  ports: ManagementPorts,
  request: ManagementRequest,
  [name = '', instanceId]: readonly string[],
): Promise<ManagementAnswer> {
  const input = await jsonBody(request);
  if (input === undefined) {
    return failure(400, 'Invalid JSON content');
  }
  if (!ports.hasFunction(name, 'orchestrationTrigger')) {
    return failure(400, `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
  }
  const fault = (instanceId === undefined ? undefined : instanceIdFault(instanceId)) ?? waitFault(request);
  if (fault !== undefined) {
    return failure(400, fault);
  }
  const id = await ports.engine.startInstance({
    name,
    input,
    version: parameter(request.query, 'version'),
    ...(instanceId === undefined ? {} : { instanceId }),
  });
  if (id === undefined) {
    const status = ports.engine.queries.instance(instanceId ?? '')?.status ?? 'Pending';
    return failure(409, `An Orchestration instance with the status ${status} already exists.`);
  }
  return started(ports, request, id);
}

/** Starts an instance again with the input that it had: `instances/{id}/restart`. */
export async function restartInstance(
  ports: ManagementPorts,
  request: ManagementRequest,
  instanceId: string,
): Promise<ManagementAnswer> {
  const { engine } = ports;
  const summary = engine.queries.instance(instanceId);
  if (summary === undefined) {
    return failure(400, `InstanceId does not match a valid orchestration instance: '${instanceId}'.`);
  }
  const { name, input } = summary;
  if (!ports.hasFunction(name, 'orchestrationTrigger')) {
    return failure(400, `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
  }
  const fault = waitFault(request);
  if (fault !== undefined) {
    return failure(400, fault);
  }
  const keepsId = flag(request.query, 'restartWithNewInstanceId') === false;
  const id = await engine.startInstance({ name, input, ...(keepsId ? { instanceId } : {}) });
  return id === undefined
    ? failure(409, 'A non-terminal instance with this instance ID already exists.')
    : started(ports, request, id);
}

const seconds = ({ query }: ManagementRequest, name: string) => Number(parameter(query, name) ?? Number.NaN);

/** Why one cannot wait as the request says; undefined when one can. The interval is of no use here: nobody polls. */
function waitFault(request: ManagementRequest): string | undefined {
  const timeout = seconds(request, 'timeout');
  const interval = seconds(request, 'pollingInterval');
  return interval > timeout ? `Total timeout ${timeout} should be bigger than retry timeout ${interval}` : undefined;
}

/** The answer for a new instance: where to look, or with `timeout` what came of it within those seconds. */
async function started(ports: ManagementPorts, request: ManagementRequest, id: string): Promise<ManagementAnswer> {
  const { engine, endpoints } = ports;
  const timeout = seconds(request, 'timeout');
  const summary = timeout > 0 ? await engine.waitUntilOver(id, timeout * 1000) : undefined;
  if (summary?.status === 'Completed') {
    return json(200, parseJson(summary.output));
  }
  if (summary !== undefined && isTerminal(summary.status)) {
    const asError = summary.status === 'Failed' && flag(request.query, 'returnInternalServerErrorOnFailure') === true;
    return json(
      asError ? 500 : 200,
      toStatus(summary, { showInput: true, showHistory: false, showHistoryOutput: false }),
    );
  }
  const urls = managementUrls(endpoints, id);
  return json(202, urls, { location: urls.statusQueryGetUri ?? '', 'retry-after': '10' });
}
