import { LandfallError } from '../errors.ts';

/** What a deletion of one blob tells, in either schema of Event Grid. */
export interface BlobDeleted {
  readonly container: string;
  readonly path: string;
  readonly sequencer: string;
  readonly deletedAt: string;
  readonly traceparent?: string;
}

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

/** Operations after which a blob is gone: of the Blob and the Data Lake endpoint, and of SFTP. */
const DELETIONS = new Set(['DeleteBlob', 'DeleteFile', 'SftpRemove']);

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
  const size = data.contentLength;
  if (typeof size !== 'number') throw invalid('data.contentLength is not a number');
  return {
    ...blobOf(fields),
    size,
    etag: normaliseEtag(text(data, 'eTag')),
    sequencer: text(data, 'sequencer'),
    landedAt: timeOf(fields),
    ...traceOf(fields),
  };
}

/**
 * Parses an event of `Microsoft.Storage.BlobDeleted`, in the Event Grid or the CloudEvents schema.
 * @returns undefined when the event tells of something else.
 * @throws LandfallError `InvalidEvent` when a field that the schema promises is missing.
 */
export function parseBlobDeleted(event: unknown): BlobDeleted | undefined {
  const fields = record(event, 'event');
  if ((fields.eventType ?? fields.type) !== 'Microsoft.Storage.BlobDeleted') return undefined;
  const data = record(fields.data, 'data');
  if (!DELETIONS.has(text(data, 'api'))) return undefined;
  return {
    ...blobOf(fields),
    sequencer: text(data, 'sequencer'),
    deletedAt: timeOf(fields),
    ...traceOf(fields),
  };
}

function blobOf(fields: Fields): { readonly container: string; readonly path: string } {
  const subject = text(fields, 'subject');
  const [, container, path] = /^\/blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/s.exec(subject) ?? [];
  if (container === undefined || path === undefined) throw invalid(`its subject '${subject}' names no blob`);
  return { container, path };
}

function timeOf(fields: Fields): string {
  return text(fields, fields.eventTime === undefined ? 'time' : 'eventTime');
}

function traceOf({ traceparent }: Fields): { readonly traceparent?: string } {
  return typeof traceparent === 'string' ? { traceparent } : {};
}

/** An eTag without the quotes that HTTP puts around it, as events spell it. */
export function normaliseEtag(etag: string): string {
  return etag.replace(/^W\//, '').replaceAll('"', '');
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${name} is not an object`);
  return value as Fields;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw invalid(`${name} is missing`);
  return value;
}

function invalid(what: string): LandfallError {
  return new LandfallError('InvalidEvent', `The Event Grid event cannot be read: ${what}.`);
}
