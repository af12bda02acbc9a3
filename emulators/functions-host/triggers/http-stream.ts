import { randomUUID } from 'node:crypto';
import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import type { RpcTypedData } from '../core/rpc-types.ts';
import { send, text } from '../http/messages.ts';
import { headersOf } from './http-trigger.ts';

const agent = new Agent({ keepAlive: true });

/**
 * Calls an HTTP function of an app that streams: the request goes on to the server inside the library as it comes, and
 * the answer comes back from there as the function writes it.
 * Source: Azure/azure-functions-nodejs-library, `src/http/httpProxy.ts`; Azure/azure-functions-host, `Rpc` HTTP proxying.
 */
export async function invokeHttpStream(
  invoker: Invoker,
  target: RegisteredFunction,
  parameters: Readonly<Record<string, string>>,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  libraryUrl: string,
): Promise<void> {
  const invocationId = randomUUID();
  const headers = headersOf(request);
  const triggerMetadata: Record<string, RpcTypedData> = {
    Query: { json: JSON.stringify(Object.fromEntries(url.searchParams)) },
    Headers: { json: JSON.stringify(headers) },
  };
  for (const [name, value] of Object.entries(parameters)) {
    triggerMetadata[name] = { string: value };
  }
  const forwarded = forward(request, response, url, headers, invocationId, libraryUrl);
  try {
    const { returnedNothing } = await invoker.invoke(target, {
      invocationId,
      trigger: { http: {} },
      triggerMetadata,
    });
    if (returnedNothing) {
      // The library writes no answer then, and would leave the connection open.
      forwarded.outgoing.destroy();
      send(request, response, { status: 204 });
    } else {
      await forwarded.settled;
    }
  } catch (error) {
    // The library writes nothing when the function throws.
    forwarded.outgoing.destroy();
    send(request, response, text(500));
    throw error;
  }
}

interface Forwarded {
  readonly outgoing: ClientRequest;
  /** Resolves when the answer has passed through, or never will. */
  readonly settled: Promise<void>;
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  headers: Readonly<Record<string, string>>,
  invocationId: string,
  libraryUrl: string,
): Forwarded {
  const outgoing = httpRequest(new URL(`${url.pathname}${url.search}`, libraryUrl), {
    agent,
    method: request.method ?? 'GET',
    headers: {
      ...headers,
      'x-ms-invocation-id': invocationId,
      'x-forwarded-host': url.host,
      'x-forwarded-proto': 'http',
    },
  });
  const settled = new Promise<void>((resolve) => {
    outgoing.on('response', (answer) => {
      const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...kept } = answer.headers;
      response.writeHead(answer.statusCode ?? 200, kept);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
      answer.on('close', resolve);
    });
    outgoing.on('error', () => resolve());
  });
  request.pipe(outgoing);
  response.on('close', () => outgoing.destroy());
  return { outgoing, settled };
}
