import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HostSetupError } from '../core/errors.ts';
import { type Logger, messageOf } from '../core/logger.ts';
import { BodyTooLargeError, send, text } from './messages.ts';
import { RequestUrl } from './request-url.ts';

/** Answers one request; what it throws becomes 500. */
export type Handler = (request: IncomingMessage, response: ServerResponse, url: RequestUrl) => Promise<void>;

export interface HttpServer {
  readonly port: number;
  /** Sets what answers, and who hears what it throws; until then everything is answered 503. */
  handle(handler: Handler, logger: Logger): void;
  /** Takes no more requests, and resolves when those under way are answered, or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** @throws HostSetupError when the port cannot be had. */
export async function openHttpServer(port: number): Promise<HttpServer> {
  let handler: Handler | undefined;
  let logger: Logger | undefined;
  const server = createServer((request, response) => {
    void answer(handler, request, response, logger);
  });
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    handle: (next, log) => {
      handler = next;
      logger = log;
    },
    close: (graceMs) =>
      new Promise((resolve) => {
        const impatient = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(impatient);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reasons: Readonly<Record<string, string>> = {
        EADDRINUSE: `port ${port} is in use: stop what uses it, or choose another with --port (0 picks a free one)`,
        EACCES: `port ${port} is not for this user: choose one above 1023 with --port`,
      };
      reject(new HostSetupError(reasons[error.code ?? ''] ?? `cannot listen on port ${port}: ${error.message}`, error));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answer(
  handler: Handler | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  logger: Logger | undefined,
): Promise<void> {
  try {
    if (handler === undefined) {
      send(request, response, { status: 503, headers: { 'retry-after': '1' }, body: 'the host is starting' });
      return;
    }
    await handler(request, response, new RequestUrl(request));
  } catch (error) {
    if (error instanceof BodyTooLargeError) {
      send(request, response, text(413, error.message));
      return;
    }
    logger?.debug(`${request.method} ${request.url} answered 500: ${messageOf(error)}`);
    send(request, response, text(500));
  }
}
