import { randomUUID } from 'node:crypto';
import type { EventGridEvent } from '../entities.ts';
import type { AnnouncedWrite } from './classify-write.ts';
import { type BlobPath, blobSubject } from './parse-blob-path.ts';

/** What is known of a write once it has succeeded. */
export interface FinishedWrite {
  readonly write: AnnouncedWrite;
  readonly path: BlobPath;
  readonly url: string;
  readonly clientRequestId: string | undefined;
  readonly requestId: string;
  readonly eTag: string;
  readonly contentType: string;
  readonly contentLength: number | undefined;
  readonly blobType: string;
}

/**
 * A sequencer: hexadecimal, of one length, so that it sorts as text. The high half is when this store was made, so that a
 * wiped store does not go back behind what an older one gave; the low half counts.
 */
export function toSequencer(createdAtMs: number, seq: number): string {
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(16, '0');
  return hex(createdAtMs) + hex(seq);
}

/** Builds the event of a finished write. Source: "Azure Blob Storage as an Event Grid source". */
export function toBlobEvent(finished: FinishedWrite, topic: string, sequencer: string): EventGridEvent {
  const { write, path, contentLength, clientRequestId } = finished;
  const created = write.eventType === 'Microsoft.Storage.BlobCreated';
  return {
    topic,
    subject: blobSubject(path),
    eventType: write.eventType,
    id: randomUUID(),
    data: {
      api: write.api,
      ...(clientRequestId === undefined ? {} : { clientRequestId }),
      requestId: finished.requestId,
      eTag: finished.eTag,
      contentType: finished.contentType,
      ...(created && contentLength !== undefined ? { contentLength } : {}),
      blobType: finished.blobType,
      url: finished.url,
      sequencer,
      storageDiagnostics: { batchId: randomUUID() },
    },
    dataVersion: '',
    metadataVersion: '1',
    eventTime: new Date().toISOString(),
  };
}
