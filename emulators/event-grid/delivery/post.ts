import { Agent as HttpAgent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** What became of a request to a subscriber. */
export type Outcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: NodeJS.Dict<string | string[]>;
      readonly body: string;
    }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'failed'; readonly message: string };

/** Sends requests to subscribers over kept-alive connections. */
export interface Sender {
  send(method: 'POST' | 'OPTIONS', url: string, headers: OutgoingHttpHeaders, body: string): Promise<Outcome>;
  close(): void;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/** Makes a sender; a subscriber has `timeoutMs` to answer (the service gives it 30 seconds). */
export function createSender(timeoutMs: number, maxConnections: number): Sender {
  const http = new HttpAgent({ keepAlive: true, maxSockets: maxConnections });
  const https = new HttpsAgent({ keepAlive: true, maxSockets: maxConnections });

  const once: Sender['send'] = (method, url, headers, body) =>
    new Promise((resolve) => {
      const target = new URL(url);
      const secure = target.protocol === 'https:';
      const outgoing = (secure ? httpsRequest : httpRequest)(target, {
        method,
        agent: secure ? https : http,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () =>
          resolve({
            kind: 'answered',
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      const fail = (error: NodeJS.ErrnoException): void => {
        if (error.name === 'TimeoutError' || error.name === 'AbortError') resolve({ kind: 'timed-out' });
        else if (error.code === 'ECONNREFUSED') resolve({ kind: 'refused', message: error.message });
        // A kept-alive connection may have been closed under us; whether the subscriber saw the request is unknown,
        // and at-least-once delivery allows a second try at once.
        else if (outgoing.reusedSocket && error.code === 'ECONNRESET') once(method, url, headers, body).then(resolve);
        else resolve({ kind: 'failed', message: error.message });
      };
      outgoing.on('error', fail);
      outgoing.end(body);
    });

  return {
    send: once,
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}
