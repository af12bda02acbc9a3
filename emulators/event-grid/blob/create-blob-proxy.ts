import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import type { BlobClient, BlobProperties } from './blob-client.ts';
import { unquote } from './blob-client.ts';
import { type AnnouncedWrite, classifyWrite } from './classify-write.ts';
import { answerUnavailable, openUpstream, relayAnswer, type Upstream } from './forward.ts';
import { type BlobPath, blobSubject, parseBlobPath } from './parse-blob-path.ts';
import { passBatch } from './pass-batch.ts';
import { createPathLock } from './path-lock.ts';
import { sendAllButLast } from './send-all-but-last.ts';
import type { FinishedWrite } from './to-blob-event.ts';

/** What the proxy needs. */
export interface BlobProxyParts {
  readonly endpoint: string;
  readonly account: string;
  readonly client: BlobClient;
  /** Whether anyone would want an event of this kind: if not, the write passes with no extra work. */
  readonly wanted: (subject: string, eventType: string) => boolean;
  /** Resolves when the event is durable. */
  readonly announce: (finished: FinishedWrite) => Promise<void>;
  readonly log: (message: string) => void;
}

/** A streaming proxy in front of the blob service. */
export interface BlobProxy {
  handle(incoming: IncomingMessage, response: ServerResponse): void;
  close(): void;
}

const SILENT_CONTAINERS = new Set(['$logs', '$blobchangefeed']);

/** Makes the proxy. It changes no header, so that signatures, which do not cover the Host, still verify. */
export function createBlobProxy(parts: BlobProxyParts): BlobProxy {
  const { hostname, port } = new URL(parts.endpoint);
  const agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' });
  const upstream: Upstream = { host: hostname, port: Number(port) || 80, agent };
  const locks = createPathLock();

  function pass(incoming: IncomingMessage, response: ServerResponse): void {
    const outgoing = openUpstream(upstream, incoming);
    outgoing.on('response', (answer) => relayAnswer(answer, response));
    outgoing.on('error', (error) => unavailable(response, error));
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  /**
   * A write that is announced. Its last piece is held back until no other write to the same blob is under way, so that
   * sequencers follow the order of commits; its answer is held back until the event is on disk.
   */
  async function passAnnounced(
    incoming: IncomingMessage,
    response: ServerResponse,
    write: AnnouncedWrite,
    path: BlobPath,
  ): Promise<void> {
    const outgoing = openUpstream(upstream, incoming);
    // Registered before the body goes out: the upstream may refuse a write before it has read all of it.
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
    });
    answered.catch(() => {});
    incoming.on('error', () => outgoing.destroy());

    const { last, contentLength } = await sendAllButLast(incoming, outgoing);
    const release = await locks.acquire(`${path.container}/${path.blob}`);
    try {
      const before = write.api === 'DeleteBlob' ? await parts.client.head(path.rawPath) : undefined;
      outgoing.end(last);
      const answer = await answered;
      const status = answer.statusCode ?? 0;
      const done = status >= 200 && status < 300 && (answer.headers['x-ms-copy-status'] ?? 'success') === 'success';
      if (done) await announce(incoming, answer, write, path, before, contentLength);
      relayAnswer(answer, response);
    } finally {
      release();
    }
  }

  async function announce(
    incoming: IncomingMessage,
    answer: IncomingMessage,
    write: AnnouncedWrite,
    path: BlobPath,
    before: BlobProperties | undefined,
    counted: number,
  ): Promise<void> {
    const header = (name: string): string | undefined => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const fromRequest: BlobProperties = {
      eTag: '',
      contentType: header('x-ms-blob-content-type') ?? header('content-type') ?? 'application/octet-stream',
      contentLength: counted,
      blobType: header('x-ms-blob-type') ?? 'BlockBlob',
    };
    const properties =
      before ?? (write.bodyIsContent ? fromRequest : ((await parts.client.head(path.rawPath)) ?? fromRequest));
    await parts.announce({
      write,
      path,
      url: `http://${incoming.headers.host ?? `${upstream.host}:${upstream.port}`}${path.rawPath}`,
      clientRequestId: header('x-ms-client-request-id'),
      requestId: String(answer.headers['x-ms-request-id'] ?? ''),
      eTag: unquote(String(answer.headers.etag ?? properties.eTag)),
      contentType: properties.contentType,
      contentLength: properties.contentLength,
      blobType: properties.blobType,
    });
  }

  function unavailable(response: ServerResponse, error: unknown): void {
    if (!response.destroyed) parts.log(`blob service at ${parts.endpoint}: ${String(error)}`);
    answerUnavailable(response, `The blob service at ${parts.endpoint} did not answer: ${String(error)}`);
  }

  return {
    handle: (incoming, response) => {
      const [rawPath = '/', query = ''] = (incoming.url ?? '/').split('?', 2);
      const path = incoming.method === 'PUT' || incoming.method === 'DELETE' ? parseBlobPath(rawPath) : undefined;
      const write = path && classifyWrite(incoming.method, new URLSearchParams(query), incoming.headers);
      if (incoming.method === 'POST' && /(?:^|&)comp=batch(?:&|$)/.test(query)) {
        passBatch(parts, upstream, locks, incoming, response).catch((error: unknown) => unavailable(response, error));
        return;
      }
      const announced =
        path !== undefined &&
        write !== undefined &&
        path.account === parts.account &&
        !SILENT_CONTAINERS.has(path.container) &&
        parts.wanted(blobSubject(path), write.eventType);
      if (!announced) pass(incoming, response);
      else passAnnounced(incoming, response, write, path).catch((error: unknown) => unavailable(response, error));
    },
    close: () => agent.destroy(),
  };
}
