import { LandfallError } from '../errors.ts';

/** A finished write of one blob, as either schema of Event Grid tells it. */
export interface BlobCreated {
  readonly container: string;
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  readonly sequencer: string;
  readonly landedAt: string;
  /** Of W3C Trace Context: the extension of CloudEvents for distributed tracing, where the event has it. */
  readonly traceparent?: string;
}

/**
 * Operations after which a blob is whole. A write through the Data Lake endpoint raises several events; only
 * `FlushWithClose` ends it.
 * Source: learn.microsoft.com/azure/event-grid/event-schema-blob-storage.
 */
const FINISHED_WRITES = new Set([
  'PutBlob',
  'PutBlockList',
  'PutBlobFromURL',
  'CopyBlob',
  'FlushWithClose',
  'SftpCommit',
  'CompleteAsyncCopy',
]);

/**
 * Parses an event of `Microsoft.Storage.BlobCreated`, in the Event Grid or the CloudEvents schema.
 * @returns undefined when the event tells of something else than a finished write.
 * @throws LandfallError `InvalidEvent` when a field that the schema promises is missing.
 */
export function parseBlobCreated(event: unknown): BlobCreated | undefined {
  const fields = record(event, 'event');
  if ((fields.eventType ?? fields.type) !== 'Microsoft.Storage.BlobCreated') return undefined;
  const data = record(fields.data, 'data');
  if (!FINISHED_WRITES.has(text(data, 'api'))) return undefined;
  const subject = /^\/blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/s.exec(text(fields, 'subject'));
  const [, container, path] = subject ?? [];
  if (container === undefined || path === undefined)
    throw invalid(`its subject '${text(fields, 'subject')}' names no blob`);
  const size = data.contentLength;
  if (typeof size !== 'number') throw invalid('data.contentLength is not a number');
  return {
    container,
    path,
    size,
    etag: normaliseEtag(text(data, 'eTag')),
    sequencer: text(data, 'sequencer'),
    landedAt: text(fields, fields.eventTime === undefined ? 'time' : 'eventTime'),
    ...(typeof fields.traceparent === 'string' ? { traceparent: fields.traceparent } : {}),
  };
}

/** An eTag without the quotes that HTTP puts around it, as events spell it. */
export function normaliseEtag(etag: string): string {
  return etag.replace(/^W\//, '').replaceAll('"', '');
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${name} is not an object`);
  return value as Record<string, unknown>;
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw invalid(`${name} is missing`);
  return value;
}

function invalid(what: string): LandfallError {
  return new LandfallError('InvalidEvent', `The Event Grid event cannot be read: ${what}.`);
}
