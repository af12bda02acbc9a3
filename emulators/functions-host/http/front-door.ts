import type { IncomingMessage, Server } from 'node:http';
import type { FunctionRegistry, RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import { durablePagePath } from '../durable-page/durable-page.ts';
import { handleManagement } from '../protocol-v3/management-api.ts';
import type { ManagementAnswer, ManagementPorts } from '../protocol-v3/management-messages.ts';
import { eventGridTrigger } from '../triggers/event-grid-trigger.ts';
import { handleEventGrid, type TakeEvents } from '../triggers/event-grid-webhook.ts';
import { invokeHttpStream } from '../triggers/http-stream.ts';
import { invokeHttp } from '../triggers/http-trigger.ts';
import { type AdminPorts, handleAdmin } from './admin-api.ts';
import type { AuthLevel, Authorization } from './authorization.ts';
import { type Answer, readBody, send, text } from './messages.ts';
import { type RequestLimits, withRequestLimits } from './request-limit.ts';
import type { RequestUrl } from './request-url.ts';
import { decodeSegment, RouteTable } from './route-table.ts';
import type { Handler } from './server.ts';

export interface FrontDoorPorts {
  readonly registry: FunctionRegistry;
  readonly invoker: Invoker;
  readonly authorization: Authorization;
  readonly routePrefix: string;
  readonly requestLimits: RequestLimits;
  /** Headers that every answer of a function gets. */
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly admin: AdminPorts;
  readonly management: ManagementPorts;
  /** What takes the events of a blob trigger that Event Grid announces, by the name in its webhook. */
  readonly blobEvents: (webhookName: string) => TakeEvents | undefined;
  readonly durablePage: (request: IncomingMessage, url: RequestUrl) => Answer;
  /** The path of the durable clients' own endpoint, which nobody can guess; it ends in a slash. */
  readonly rpcPath: string;
  /** The library's server for streams, if the app streams. */
  readonly streamServer: Server | undefined;
}

const webhooks = '/runtime/webhooks/';

/** The routes of all HTTP functions. @throws RangeError for a malformed one. */
export function httpRoutes(registry: FunctionRegistry, routePrefix: string): RouteTable<RegisteredFunction> {
  const routes = new RouteTable<RegisteredFunction>();
  for (const target of registry.withTrigger('httpTrigger')) {
    const { methods } = target.trigger;
    routes.add(routeOf(target, routePrefix), Array.isArray(methods) ? methods.map(String) : [], target);
  }
  return routes;
}

/** The path of an HTTP function, without the leading slash. */
export function routeOf(target: RegisteredFunction, routePrefix: string): string {
  const route = typeof target.trigger.route === 'string' ? target.trigger.route : target.name;
  return [routePrefix, route.replace(/^\/+/, '')].filter((part) => part !== '').join('/');
}

/** Sends each request where it belongs: admin API, webhooks of extensions, or an HTTP function. */
export function createFrontDoor(ports: FrontDoorPorts): Handler {
  const { registry, invoker, authorization } = ports;
  const routes = httpRoutes(registry, ports.routePrefix);

  const eventGridFunction = (name: string): TakeEvents | undefined => {
    const target = registry.find(name, 'eventGridTrigger');
    return target === undefined ? undefined : eventGridTrigger(invoker, target);
  };

  const customHeaders = Object.entries(ports.customHeaders);

  const callFunction = withRequestLimits(ports.requestLimits, async (request, response, url) => {
    for (const [name, value] of customHeaders) {
      response.setHeader(name, value);
    }
    const match = routes.match(request.method ?? 'GET', url.pathname);
    if (match.kind === 'none') {
      send(request, response, url.pathname === '/' ? text(200, 'The functions host is up.') : text(404));
    } else if (match.kind === 'wrongMethod') {
      send(request, response, { status: 404 });
    } else if (!authorization.mayCall(request, url, levelOf(match.target), match.target.name)) {
      send(request, response, text(401));
    } else if (ports.streamServer === undefined) {
      await invokeHttp(invoker, match.target, match.parameters, url, request, response);
    } else {
      await invokeHttpStream(invoker, match.target, match.parameters, url, request, response, ports.streamServer);
    }
  });

  const callHost = async (lower: string, ...[request, response, url]: Parameters<Handler>): Promise<void> => {
    const path = url.pathname;
    if (path.startsWith(ports.rpcPath)) {
      send(request, response, await manage(ports.management, request, url, ports.rpcPath));
    } else if (path === durablePagePath || path.startsWith(`${durablePagePath}/`)) {
      send(request, response, ports.durablePage(request, url));
    } else if (lower.startsWith('/admin/')) {
      send(request, response, await handleAdmin(ports.admin, request, url));
    } else if (lower === `${webhooks}eventgrid` || lower === `${webhooks}blobs`) {
      const extension = lower.endsWith('blobs') ? 'blobs' : 'eventgrid';
      const find = extension === 'blobs' ? ports.blobEvents : eventGridFunction;
      const allowed = authorization.mayUseExtension(request, url, extension);
      send(request, response, allowed ? await handleEventGrid(find, request, url) : text(401));
    } else if (lower.startsWith(`${webhooks}durabletask/`)) {
      const allowed = authorization.mayUseExtension(request, url, 'durabletask');
      const prefix = `${webhooks}durabletask/`;
      send(request, response, allowed ? await manage(ports.management, request, url, prefix) : text(401));
    } else {
      send(request, response, text(404));
    }
  };

  return (request, response, url) => {
    const lower = url.pathname.toLowerCase();
    const isHosts = lower.startsWith('/admin/') || lower.startsWith(webhooks) || url.pathname.startsWith(ports.rpcPath);
    return isHosts ? callHost(lower, request, response, url) : callFunction(request, response, url);
  };
}

function levelOf(target: RegisteredFunction): AuthLevel {
  const level = String(target.trigger.authLevel ?? 'anonymous').toLowerCase();
  return level === 'admin' || level === 'function' ? level : 'anonymous';
}

async function manage(
  ports: ManagementPorts,
  request: IncomingMessage,
  url: RequestUrl,
  prefix: string,
): Promise<ManagementAnswer> {
  const path = url.pathname.slice(prefix.length).split('/').map(decodeSegment);
  const token = request.headers['x-ms-continuation-token'];
  return handleManagement(ports, {
    method: request.method ?? 'GET',
    path,
    query: url.searchParams,
    contentType: request.headers['content-type'] ?? '',
    continuationToken: typeof token === 'string' ? token : undefined,
    body: async () => (await readBody(request)).toString(),
  });
}
