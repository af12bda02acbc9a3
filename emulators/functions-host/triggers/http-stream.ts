import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import type { RpcTypedData } from '../core/rpc-types.ts';
import { BodyTooLargeError, bodyLimit, send, text } from '../http/messages.ts';
import type { RequestUrl } from '../http/request-url.ts';
import { headersOf, httpBindingData, traceOf } from './http-trigger.ts';

const ignore = (): void => undefined;

/**
 * Calls an HTTP function of an app that streams: the request is handed to the server inside the library, which gives it to
 * the function as it comes, and writes the answer as the function does.
 * Source: Azure/azure-functions-nodejs-library, `src/http/httpProxy.ts`; Azure/azure-functions-host, `Rpc` HTTP proxying.
 */
export async function invokeHttpStream(
  invoker: Invoker,
  target: RegisteredFunction,
  parameters: Readonly<Record<string, string>>,
  url: RequestUrl,
  request: IncomingMessage,
  response: ServerResponse,
  library: Server,
): Promise<void> {
  const { headers } = request;
  const length = headers['content-length'];
  if (length !== undefined && Number(length) > bodyLimit()) {
    throw new BodyTooLargeError();
  }
  const invocationId = randomUUID();
  // The real host sends the query too, which the library takes from the URL instead.
  const triggerMetadata: Record<string, RpcTypedData> = { Headers: { json: headersText(request) } };
  for (const name in parameters) {
    triggerMetadata[name] = { string: parameters[name] ?? '' };
  }
  headers['x-ms-invocation-id'] = invocationId;
  headers['x-forwarded-host'] = url.host;
  headers['x-forwarded-proto'] = 'http';
  response.on('error', ignore); // the function may go on writing to a client that has left
  library.emit('request', request, response);
  try {
    const { returnedNothing } = await invoker.invoke(target, {
      invocationId,
      trigger: { http: {} },
      triggerMetadata,
      bindingData: () => httpBindingData(parameters, url, request),
      trace: traceOf(request),
    });
    if (returnedNothing) {
      send(request, response, { status: 204 }); // the library writes no answer then
    }
  } catch (error) {
    send(request, response, text(500)); // the library writes nothing when the function throws
    throw error;
  }
}

const lastHeaders = Symbol('lastHeaders');

interface Connection extends Socket {
  [lastHeaders]?: { readonly raw: readonly string[]; readonly text: string };
}

/** The headers as JSON. A client sends the same ones again and again on its connection, and so the last are kept there. */
function headersText(request: IncomingMessage): string {
  const connection: Connection = request.socket;
  const raw = request.rawHeaders;
  const last = connection[lastHeaders];
  if (last !== undefined && last.raw.length === raw.length && last.raw.every((text, index) => text === raw[index])) {
    return last.text;
  }
  const text = JSON.stringify(headersOf(request));
  connection[lastHeaders] = { raw, text };
  return text;
}
