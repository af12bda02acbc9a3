import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer that is known as a whole. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** The largest body that a function may be sent, as in the Functions host, unless a setting says another. */
const usualLargestBody = 104_857_600;
let largestBody: number | undefined;

/** In bytes. Source: Azure/azure-functions-host, `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`. */
export function bodyLimit(): number {
  largestBody ??= Number(process.env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT) || usualLargestBody;
  return largestBody;
}

/** The body of the request was too large to be read. */
export class BodyTooLargeError extends Error {
  constructor() {
    super(`the request body is larger than ${bodyLimit()} bytes: FUNCTIONS_REQUEST_BODY_SIZE_LIMIT may allow more`);
    this.name = 'BodyTooLargeError';
  }
}

/** @throws BodyTooLargeError beyond 100 MiB, or what FUNCTIONS_REQUEST_BODY_SIZE_LIMIT says. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === '0')) {
    return Buffer.alloc(0); // RFC 9112, section 6.3: it has none
  }
  const chunks: Buffer[] = [];
  const limit = bodyLimit();
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      throw new BodyTooLargeError();
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

export function text(status: number, body = ''): Answer {
  return body === '' ? { status } : { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

/** Writes an answer; a HEAD request gets no body. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    response.setHeader(name, value);
  }
  const hasBody = ![204, 304].includes(answer.status) && request.method !== 'HEAD';
  const body = bytesOf(answer.body ?? '');
  if (hasBody) {
    response.setHeader('content-length', body.length);
  }
  response.writeHead(answer.status);
  if (!hasBody) {
    response.end();
  } else if (body.length <= smallBody) {
    response.end(body.toString('latin1'), 'latin1'); // Node writes a text together with the headers, bytes after them
  } else {
    response.end(body);
  }
  if (!request.complete) {
    request.resume(); // A body that nobody read would hold the connection.
  }
}

/** What is copied faster than it is written by itself, in bytes. */
const smallBody = 8192;

function bytesOf(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
