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

/** An answer in plain text, or without any. */
export const plain = (status: number, body = ''): ManagementAnswer => ({
  status,
  ...(body === '' ? {} : { headers: { 'content-type': 'text/plain; charset=utf-8' }, body }),
});

export const json = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): ManagementAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
});

/** Whether a query parameter says yes. */
export const isTrue = (text: string | null) => text?.toLowerCase() === 'true';

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
  const top = Number(query.get('top') ?? Number.NaN);
  return Number.isInteger(top) && top > 0 ? top : defaultPage;
}
