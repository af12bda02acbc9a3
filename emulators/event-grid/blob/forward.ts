import { type Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** Headers that belong to one connection, not to the message. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'expect']);

/** Raw headers without those of the connection; spelling, order and repetition as they came. */
export function messageHeaders(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index], rawHeaders[index + 1]];
    if (name !== undefined && value !== undefined && !HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

/** The upstream, and the connections kept to it. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  readonly agent: Agent;
}

/** Opens the upstream's copy of a request: same method, target and headers (the Host too). */
export function openUpstream(upstream: Upstream, incoming: IncomingMessage): ClientRequest {
  return request({
    host: upstream.host,
    port: upstream.port,
    agent: upstream.agent,
    method: incoming.method,
    path: incoming.url,
    headers: messageHeaders(incoming.rawHeaders),
    setHost: false,
  });
}

/** Streams an upstream answer to the client. */
export function relayAnswer(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, messageHeaders(answer.rawHeaders));
  answer.on('error', () => response.destroy());
  answer.pipe(response);
}

/** Answers 503 ServerBusy, which every storage SDK waits out and tries again. */
export function answerUnavailable(response: ServerResponse, reason: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>ServerBusy</Code><Message>${reason
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')}</Message></Error>`;
  response.writeHead(503, {
    'content-type': 'application/xml',
    'x-ms-error-code': 'ServerBusy',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}
