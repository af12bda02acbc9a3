import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../http/answer.ts';
import { refuse } from '../http/answer.ts';
import type { Container } from './container.ts';

/** Where a reader of the change feed stands. */
export interface FeedPosition {
  /** The number of the last change that was seen. */
  readonly after: number;
  /** Only documents that changed at this second or later. */
  readonly sinceSeconds: number;
}

/**
 * Reads the position from the headers: `If-None-Match` holds the ETag of the page before (`*` means from now on), and
 * `If-Modified-Since` a time. Undefined if the ETag is none of ours.
 */
export function parseFeedPosition(headers: IncomingHttpHeaders, last: number): FeedPosition | undefined {
  const match = headers['if-none-match'];
  const since = Date.parse(headers['if-modified-since'] ?? '');
  const sinceSeconds = Number.isNaN(since) ? 0 : Math.floor(since / 1000);
  if (match === undefined) return { after: 0, sinceSeconds };
  if (match === '*') return { after: last, sinceSeconds };
  const number = Number(match.replaceAll('"', ''));
  return Number.isInteger(number) && number >= 0 ? { after: number, sinceSeconds } : undefined;
}

/**
 * One page of the change feed in its latest-version mode: the newest state of each document that changed, in the order of
 * the changes; 304 once there is nothing new. Deletions do not show.
 */
export function readChangeFeed(
  container: Container,
  partition: { readonly value: unknown } | undefined,
  headers: IncomingHttpHeaders,
  maxItemCount: number,
): Answer {
  const last = container.lastChange();
  const position = parseFeedPosition(headers, last);
  if (position === undefined)
    return refuse(400, 'BadRequest', 'If-None-Match does not hold an ETag of this change feed.');
  const changed = container
    .documents(partition)
    .map((document) => ({ document, lsn: container.changeOf(document._rid) }))
    .filter(({ document, lsn }) => lsn > position.after && Number(document._ts) >= position.sinceSeconds)
    .sort((left, right) => left.lsn - right.lsn)
    .slice(0, maxItemCount);
  const seen = changed.length === maxItemCount ? (changed.at(-1)?.lsn ?? last) : last;
  const feed = { etag: `"${seen}"`, 'x-ms-item-count': String(changed.length) };
  if (changed.length === 0) return { status: 304, headers: feed };
  const documents = changed.map(({ document, lsn }) => ({ ...document, _lsn: lsn }));
  return { status: 200, body: { _rid: container.rid, Documents: documents, _count: documents.length }, headers: feed };
}
