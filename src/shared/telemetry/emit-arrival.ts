import type { FileRecord } from '../ledger/file-record.ts';
import { arrivalPlace, parseTraceparent } from './span-place.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * The span in which a file's trace begins: from the write that the event tells of, or the wish to replay the file, until it
 * is in the ledger.
 */
export function emitArrival(telemetry: Telemetry, file: FileRecord): void {
  const endedAt = new Date();
  const beganAt = new Date(file.replay?.requestedAt ?? file.landedAt);
  const parent = parseTraceparent(file.traceparent);
  telemetry.emit({
    name: 'file-arrived',
    kind: 'consumer',
    at: arrivalPlace(file),
    ...(parent === undefined ? {} : { parent }),
    startedAt: beganAt < endedAt ? beganAt : endedAt, // the clock of the storage service may be ahead
    endedAt,
    failed: file.status === 'rejected',
    attributes: { 'landfall.dataset': file.dataset, 'landfall.path': file.path, 'landfall.status': file.status },
  });
}
