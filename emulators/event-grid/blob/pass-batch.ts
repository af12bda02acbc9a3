import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobProperties } from './blob-client.ts';
import { classifyWrite } from './classify-write.ts';
import type { BlobProxyParts } from './create-blob-proxy.ts';
import { messageHeaders, openUpstream, type Upstream } from './forward.ts';
import { parseBatchAnswers, parseBatchRequests } from './parse-batch.ts';
import { blobSubject, parseBlobPath } from './parse-blob-path.ts';
import type { PathLock } from './path-lock.ts';

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Passes a Blob Batch (at most 4 MB and 256 requests) and announces each deletion in it that succeeded. */
export async function passBatch(
  parts: BlobProxyParts,
  upstream: Upstream,
  locks: PathLock,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readAll(incoming);
  const deletions = parseBatchRequests(body.toString('latin1')).flatMap(({ contentId, method, target, headers }) => {
    const [rawPath = '', query = ''] = target.split('?', 2);
    const path = parseBlobPath(rawPath);
    const write = classifyWrite(method, new URLSearchParams(query), headers);
    if (path === undefined || write?.api !== 'DeleteBlob' || path.account !== parts.account) return [];
    return parts.wanted(blobSubject(path), write.eventType) ? [{ contentId, path, write }] : [];
  });
  // Locks are taken in one order everywhere, so that two batches cannot wait for each other.
  const keys = [...new Set(deletions.map(({ path }) => `${path.container}/${path.blob}`))].toSorted();
  const releases: (() => void)[] = [];
  try {
    for (const key of keys) releases.push(await locks.acquire(key));
    const before = new Map<string, BlobProperties | undefined>();
    for (const { contentId, path } of deletions) before.set(contentId, await parts.client.head(path.rawPath));

    const outgoing = openUpstream(upstream, incoming);
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    outgoing.end(body);
    const [answer] = await answered;
    const text = await readAll(answer);
    const answers = parseBatchAnswers(text.toString('latin1'));
    const done = deletions.flatMap(({ contentId, path, write }) => {
      const [one, properties] = [answers.get(contentId), before.get(contentId)];
      if (one?.status !== 202 || properties === undefined) return [];
      const url = `http://${incoming.headers.host ?? `${upstream.host}:${upstream.port}`}${path.rawPath}`;
      return [{ ...properties, write, path, url, clientRequestId: undefined, requestId: one.requestId }];
    });
    await Promise.all(done.map(parts.announce));
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, messageHeaders(answer.rawHeaders));
    response.end(text);
  } finally {
    for (const release of releases) release();
  }
}
