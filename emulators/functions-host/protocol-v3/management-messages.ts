import type { DurableEngine } from '../engine/engine.ts';
import type { ClientEndpoints } from './client-binding.ts';

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

const defaultPage = 100;

/** An answer without a body. */
export const empty = (status: number): ManagementAnswer => ({ status });

export const json = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): ManagementAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
});

/** An error as the extension words it: `{"Message": "…"}`. */
export const failure = (status: number, message: string): ManagementAnswer => json(status, { Message: message });

/** The value of a query parameter, whatever the case of its name. */
export function parameter(query: URLSearchParams, name: string): string | null {
  const exact = query.get(name);
  if (exact !== null || query.size === 0) {
    return exact;
  }
  const lower = name.toLowerCase();
  return [...query].find(([key]) => key.toLowerCase() === lower)?.[1] ?? null;
}

/** A query parameter that says yes or no; undefined when it is absent or neither. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = parameter(query, name)?.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** A time in milliseconds; undefined when it is absent or none. Without a zone it is UTC. */
export function time(query: URLSearchParams, name: string): number | undefined {
  const text = parameter(query, name) ?? '';
  const hasZone = /(?:z|[+-]\d\d:?\d\d)$/i.test(text);
  const at = Date.parse(hasZone || !text.includes('T') ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** The body as JSON text; null when there is none, undefined when it is no JSON. */
export async function jsonBody(request: ManagementRequest): Promise<string | null | undefined> {
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

/** How many items a page may have. */
export function pageSize(query: URLSearchParams): number {
  const top = Number(parameter(query, 'top') ?? Number.NaN);
  return Number.isInteger(top) && top > 0 ? top : defaultPage;
}

/** The header that asks for the page after this one; absent on the last. */
export function nextPage(next: string | undefined): Record<string, string> {
  return next === undefined ? {} : { 'x-ms-continuation-token': next };
}
