import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BindingData, propertiesOfText } from '../bindings/binding-data.ts';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import type { RpcHttpCookie, RpcHttpData, RpcNullable, RpcTypedData } from '../core/rpc-types.ts';
import type { IncomingTrace } from '../core/trace-context.ts';
import { type Answer, readBody, send } from '../http/messages.ts';
import type { RequestUrl } from '../http/request-url.ts';

type Nullables = Record<string, RpcNullable<string>>;

/** The headers of a request, those given several times joined. */
export function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in request.headers) {
    const value = request.headers[name];
    if (value !== undefined) {
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
  return headers;
}

/** The trace that a request belongs to, if it says so. */
export function traceOf({ headers }: IncomingMessage): IncomingTrace | undefined {
  const { traceparent, tracestate } = headers;
  return typeof traceparent === 'string'
    ? { parent: traceparent, state: typeof tracestate === 'string' ? tracestate : undefined }
    : undefined;
}

function queryOf(url: RequestUrl): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    query[name] = name in query ? `${query[name]},${value}` : value;
  }
  return query;
}

const nullable = (values: Readonly<Record<string, string>>): Nullables =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));

/** Calls an HTTP function with a request that is read whole, and writes the answer that it returns. */
export async function invokeHttp(
  invoker: Invoker,
  target: RegisteredFunction,
  parameters: Readonly<Record<string, string>>,
  url: RequestUrl,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const http: RpcHttpData = {
    method: request.method ?? 'GET',
    url: url.href,
    nullableHeaders: nullable(headersOf(request)),
    nullableQuery: nullable(queryOf(url)),
    nullableParams: nullable(parameters),
    ...(body.length > 0 ? { body: { bytes: body } } : {}),
  };
  const bindingData = () => httpBindingData(parameters, url, request, body);
  const { returnValue } = await invoker.invoke(target, { trigger: { http }, bindingData, trace: traceOf(request) });
  send(request, response, toAnswer(returnValue));
}

/**
 * What the binding expressions of an HTTP function can name: `{Query.x}`, `{Headers.x}`, the parameters of the route and of the
 * query, and the properties of a JSON body.
 * Source: azure-webjobs-sdk-extensions, `Http/HttpTriggerAttributeBindingProvider.cs`.
 * @param body none when it is streamed, and so is not known.
 */
export function httpBindingData(
  parameters: Readonly<Record<string, string>>,
  url: RequestUrl,
  request: IncomingMessage,
  body?: Buffer,
): BindingData {
  const query = queryOf(url);
  const isJson = /[/+]json\b/i.test(request.headers['content-type'] ?? '');
  return {
    ...query,
    ...(isJson && body !== undefined ? propertiesOfText(body.toString()) : {}),
    ...parameters,
    Query: query,
    Headers: headersOf(request),
  };
}

/** The function's answer; a function that returns nothing answers 204. */
export function toAnswer(returnValue: RpcTypedData | null | undefined): Answer {
  const http = returnValue?.http;
  if (http === undefined || http === null) {
    return { status: 204 };
  }
  const cookies = (http.cookies ?? []).map(toSetCookie);
  return {
    status: Number(http.statusCode ?? 200),
    headers: { ...http.headers, ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) },
    body: http.body?.bytes ?? http.body?.string ?? '',
  };
}

/**
 * A `Set-Cookie` header. The path is `/` when the function gave none, as the real host has it.
 * Source: RFC 6265, section 4.1; ASP.NET Core, `SetCookieHeaderValue`.
 */
export function toSetCookie(cookie: RpcHttpCookie): string {
  const parts = [`${cookie.name ?? ''}=${encodeURIComponent(cookie.value ?? '')}`];
  const add = (name: string, value: unknown) => {
    if (value !== undefined && value !== null) {
      parts.push(`${name}=${String(value)}`);
    }
  };
  const seconds = cookie.expires?.value?.seconds;
  add('expires', seconds === undefined ? undefined : new Date(seconds * 1000).toUTCString());
  add('max-age', cookie.maxAge?.value);
  add('domain', cookie.domain?.value);
  add('path', cookie.path?.value ?? '/');
  if (cookie.secure?.value === true) {
    parts.push('secure');
  }
  const sites: Readonly<Record<string, string>> = { lax: 'lax', strict: 'strict', explicitNone: 'none' };
  add('samesite', sites[cookie.sameSite ?? '']);
  if (cookie.httpOnly?.value === true) {
    parts.push('httponly');
  }
  return parts.join('; ');
}
