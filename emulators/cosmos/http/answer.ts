import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** An answer of the service. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal in the service's shape. */
export function refuse(status: number, code: string, message: string): Answer {
  return { status, body: { code, message } };
}

/** What is not there. */
export const NOT_FOUND: Answer = refuse(404, 'NotFound', 'Entity with the specified id does not exist in the system.');

/** Sends an answer with the headers that clients expect of every one. */
export function sendAnswer(response: ServerResponse, { status, body, headers }: Answer): void {
  const text = body === undefined || status === 204 || status === 304 ? '' : JSON.stringify(body);
  const etag = typeof body === 'object' && body !== null && '_etag' in body ? String(body._etag) : undefined;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-ms-activity-id': randomUUID(),
    'x-ms-request-charge': '1',
    ...(etag === undefined ? {} : { etag }),
    ...headers,
  });
  response.end(text);
}
