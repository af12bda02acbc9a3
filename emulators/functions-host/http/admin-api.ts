import type { IncomingMessage } from 'node:http';
import type { FunctionRegistry, RegisteredFunction } from '../core/function-registry.ts';
import { emulatedHostVersion } from '../core/functions-core.ts';
import { type Answer, json, readBody, text } from './messages.ts';

export interface AdminPorts {
  readonly registry: FunctionRegistry;
  readonly isAdmin: (request: IncomingMessage, url: URL) => boolean;
  /** Runs a function by hand, in the background. */
  readonly run: (target: RegisteredFunction, input: string | null) => void;
  readonly startedAt: number;
}

const notByHand = ['httptrigger', 'orchestrationtrigger', 'activitytrigger', 'entitytrigger'];

/** The admin API, `/admin/…`. Source: Azure/azure-functions-host, `Controllers/{Host,Functions}Controller.cs`. */
export async function handleAdmin(ports: AdminPorts, request: IncomingMessage, url: URL): Promise<Answer> {
  const [, , area, name = ''] = url.pathname.split('/');
  const route = `${request.method} ${area?.toLowerCase()}${name === '' ? '' : `/${name.toLowerCase()}`}`;
  if (route === 'GET host/status') {
    return json(200, { state: 'Running', version: emulatedHostVersion, processUptime: Date.now() - ports.startedAt });
  }
  if (route === 'GET host/ping' || route === 'POST host/ping') {
    return text(200);
  }
  if (!ports.isAdmin(request, url)) {
    return text(401);
  }
  if (route === 'GET functions') {
    return json(200, ports.registry.all().map(describe));
  }
  const target = area?.toLowerCase() === 'functions' ? ports.registry.find(decodeURIComponent(name)) : undefined;
  if (target === undefined) {
    return text(404);
  }
  if (request.method === 'GET') {
    return json(200, describe(target));
  }
  if (request.method !== 'POST') {
    return { status: 405, headers: { Allow: 'GET, POST' } };
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

function describe(target: RegisteredFunction): object {
  return {
    name: target.name,
    config: { bindings: Object.entries(target.metadata.bindings).map(([name, binding]) => ({ name, ...binding })) },
  };
}
