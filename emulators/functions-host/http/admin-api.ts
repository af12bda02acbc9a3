import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import type { FunctionRegistry, RegisteredFunction } from '../core/function-registry.ts';
import { emulatedHostVersion } from '../core/functions-core.ts';
import { describeFunction } from './function-description.ts';
import { type Answer, json, readBody, text } from './messages.ts';
import type { RequestUrl } from './request-url.ts';
import { decodeSegment } from './route-table.ts';

export interface AdminPorts {
  readonly registry: FunctionRegistry;
  readonly origin: string;
  readonly routePrefix: string;
  readonly isAdmin: (request: IncomingMessage, url: RequestUrl) => boolean;
  /** Runs a function by hand, in the background. */
  readonly run: (target: RegisteredFunction, input: string | null) => void;
  readonly startedAt: number;
}

const notByHand = ['httptrigger', 'orchestrationtrigger', 'activitytrigger', 'entitytrigger'];

/** The admin API, `/admin/…`. Source: Azure/azure-functions-host, `Controllers/{Host,Functions}Controller.cs`. */
export async function handleAdmin(ports: AdminPorts, request: IncomingMessage, url: RequestUrl): Promise<Answer> {
  const [, , area, name = '', more = ''] = url.pathname.split('/');
  const route = `${request.method} ${area?.toLowerCase()}${name === '' ? '' : `/${name.toLowerCase()}`}`;
  if (route === 'GET host/status') {
    return json(200, hostStatus(ports, ports.isAdmin(request, url)));
  }
  if (route === 'GET host/ping' || route === 'POST host/ping') {
    return text(200);
  }
  if (!ports.isAdmin(request, url)) {
    return text(401);
  }
  if (route === 'GET functions') {
    const { registry } = ports;
    return json(
      200,
      [...registry.all(), ...registry.disabled].map((target) => describe(ports, target)),
    );
  }
  const target = area?.toLowerCase() === 'functions' ? findFunction(ports.registry, decodeSegment(name)) : undefined;
  if (target === undefined) {
    return text(404);
  }
  if (request.method === 'GET') {
    return more === 'status' ? json(200, {}) : more === '' ? json(200, describe(ports, target)) : text(404);
  }
  if (request.method !== 'POST') {
    return { status: 405, headers: { Allow: 'GET, POST' } };
  }
  if (ports.registry.disabled.includes(target)) {
    return text(400, `The function '${target.name}' is disabled by a setting.`);
  }
  if (notByHand.includes(target.trigger.type.toLowerCase())) {
    return text(400, `The function '${target.name}' cannot be run by hand: its trigger is ${target.trigger.type}.`);
  }
  const body = (await readBody(request)).toString();
  let input: unknown = {};
  try {
    input = body.trim() === '' ? {} : JSON.parse(body);
  } catch {
    return text(400, 'The body must be JSON such as {"input": "text"}.');
  }
  const given = (input as { input?: unknown } | null)?.input;
  ports.run(
    target,
    given === undefined || given === null ? null : typeof given === 'string' ? given : JSON.stringify(given),
  );
  return text(202);
}

function findFunction(registry: FunctionRegistry, name: string): RegisteredFunction | undefined {
  return registry.find(name) ?? registry.disabled.find((target) => target.name.toLowerCase() === name.toLowerCase());
}

function describe({ origin, routePrefix, registry }: AdminPorts, target: RegisteredFunction): object {
  return describeFunction(target, { origin, routePrefix, isDisabled: registry.disabled.includes(target) });
}

/** That it runs anybody may know; on what machine, the administrator. */
function hostStatus({ startedAt }: AdminPorts, isAdmin: boolean): object {
  const status = { state: 'Running', version: emulatedHostVersion, processUptime: Date.now() - startedAt };
  return isAdmin
    ? {
        ...status,
        versionDetails: emulatedHostVersion,
        computerName: hostname(),
        functionAppContentEditingState: 'Unknown',
      }
    : status;
}
