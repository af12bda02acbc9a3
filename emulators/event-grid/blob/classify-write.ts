import type { IncomingHttpHeaders } from 'node:http';

/** A Blob REST request that the service announces once it has succeeded. */
export interface AnnouncedWrite {
  readonly api: 'PutBlob' | 'PutBlockList' | 'CopyBlob' | 'DeleteBlob';
  readonly eventType: 'Microsoft.Storage.BlobCreated' | 'Microsoft.Storage.BlobDeleted';
  /** Whether the request's own body is the blob's content, so that its length can be counted in passing. */
  readonly bodyIsContent: boolean;
}

const created = (api: AnnouncedWrite['api'], bodyIsContent: boolean): AnnouncedWrite => ({
  api,
  eventType: 'Microsoft.Storage.BlobCreated',
  bodyIsContent,
});

const DELETED: AnnouncedWrite = { api: 'DeleteBlob', eventType: 'Microsoft.Storage.BlobDeleted', bodyIsContent: false };

/**
 * Tells which announced operation a request on a blob is, if any. Staged blocks, pages, appended blocks, properties,
 * leases and snapshots fire nothing; neither does the deletion of a snapshot or a version.
 * Source: "Azure Blob Storage as an Event Grid source", Blob Storage events.
 */
export function classifyWrite(
  method: string | undefined,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): AnnouncedWrite | undefined {
  if (method === 'DELETE') {
    const partial = query.has('snapshot') || query.has('versionid') || headers['x-ms-delete-snapshots'] === 'only';
    return partial || query.has('comp') || query.has('restype') ? undefined : DELETED;
  }
  if (method !== 'PUT' || query.has('restype')) return undefined;
  const comp = query.get('comp');
  if (comp === 'blocklist') return created('PutBlockList', false);
  if (comp !== null) return undefined;
  const hasSource = headers['x-ms-copy-source'] !== undefined;
  if (headers['x-ms-blob-type'] === undefined) return hasSource ? created('CopyBlob', false) : undefined;
  return created('PutBlob', !hasSource && headers['x-ms-blob-type'] === 'BlockBlob');
}
