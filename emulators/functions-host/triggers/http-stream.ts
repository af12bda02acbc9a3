import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import type { RpcTypedData } from '../core/rpc-types.ts';
import { send, text } from '../http/messages.ts';
import { headersOf } from './http-trigger.ts';

/** A call's two halves: the request as the library's server gets it, and the function itself. */
interface Passing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly invocationId: string;
}

/** What came of handing a request over. */
interface HandedOver {
  /** Resolves when the answer has passed through, or never will. */
  readonly settled: Promise<void>;
  /** Gives the request back unanswered. */
  abandon(): void;
}

/**
 * Calls HTTP functions of an app that streams: the request goes on to the server inside the library as it comes, and
 * the answer comes back from there as the function writes it.
 * Source: Azure/azure-functions-nodejs-library, `src/http/httpProxy.ts`; Azure/azure-functions-host, `Rpc` HTTP proxying.
 */
export class StreamDoor {
  readonly #invoker: Invoker;
  readonly #libraryUrl: string;
  readonly #agent = new Agent({ keepAlive: true });
  /** The library's server, once the first request has gone there. */
  #library: Server | undefined;

  constructor(invoker: Invoker, libraryUrl: string) {
    this.#invoker = invoker;
    this.#libraryUrl = libraryUrl;
  }

  async call(
    target: RegisteredFunction,
    parameters: Readonly<Record<string, string>>,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const invocationId = randomUUID();
    const triggerMetadata: Record<string, RpcTypedData> = {
      Query: { json: JSON.stringify(Object.fromEntries(url.searchParams)) },
      Headers: { json: JSON.stringify(headersOf(request)) },
    };
    for (const [name, value] of Object.entries(parameters)) {
      triggerMetadata[name] = { string: value };
    }
    const passing: Passing = { request, response, url, invocationId };
    const handedOver = this.#library === undefined ? this.#forward(passing) : handOver(passing, this.#library);
    try {
      const { returnedNothing } = await this.#invoker.invoke(target, {
        invocationId,
        trigger: { http: {} },
        triggerMetadata,
      });
      if (returnedNothing) {
        // The library writes no answer then, and would leave the connection open.
        handedOver.abandon();
        send(request, response, { status: 204 });
      } else {
        await handedOver.settled;
      }
    } catch (error) {
      // The library writes nothing when the function throws.
      handedOver.abandon();
      send(request, response, text(500));
      throw error;
    }
  }

  /** Sends a request to the library's server by its port, as the host of Azure does, and learns which server that is. */
  #forward({ request, response, url, invocationId }: Passing): HandedOver {
    this.#learn(invocationId);
    const outgoing: ClientRequest = httpRequest(new URL(`${url.pathname}${url.search}`, this.#libraryUrl), {
      agent: this.#agent,
      method: request.method ?? 'GET',
      headers: { ...headersOf(request), ...ofTheHost(url, invocationId) },
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
    return { settled, abandon: () => outgoing.destroy() };
  }

  /** Node tells of each request that one of this process's servers gets: the one with our id names the library's. */
  #learn(invocationId: string): void {
    const channel = 'http.server.request.start';
    const listener = (message: unknown): void => {
      const { request, server } = message as { readonly request: IncomingMessage; readonly server: Server };
      if (request.headers['x-ms-invocation-id'] !== invocationId) return;
      unsubscribe(channel, listener);
      this.#library = server;
    };
    subscribe(channel, listener);
  }
}

/**
 * Hands a request to the library's server as if it had come by its port. Both live in this process, and a hop through
 * the loopback would cost a third of what the host can answer.
 */
function handOver({ request, response, url, invocationId }: Passing, library: Server): HandedOver {
  Object.assign(request.headers, ofTheHost(url, invocationId));
  // Who goes away while a function writes is no error: what is written then goes nowhere.
  response.on('error', () => undefined);
  library.emit('request', request, response);
  return { settled: Promise.resolve(), abandon: () => undefined };
}

function ofTheHost(url: URL, invocationId: string): Readonly<Record<string, string>> {
  return { 'x-ms-invocation-id': invocationId, 'x-forwarded-host': url.host, 'x-forwarded-proto': 'http' };
}
