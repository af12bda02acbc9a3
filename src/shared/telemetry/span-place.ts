import { createHash } from 'node:crypto';
import type { FileRef } from '../ledger/batch.ts';

/** Where a span is: its trace and its own id, in hex, as W3C Trace Context writes them. */
export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
}

/** What is needed of a batch to find its place. */
export interface TracedBatch {
  readonly id: string;
  /** The arrival of the file that landed first, as a traceparent; a batch without files has a trace of its own. */
  readonly trace?: string;
  readonly resumes?: number;
}

/**
 * The places of spans follow from the names of what they tell of: so everyone who takes part knows them without being
 * told, a span's children before the span, and a repetition after a crash gives the same ids. The trace of a file is its
 * id in the ledger, unless its event came with a trace of its own.
 */
export function arrivalPlace({ id, traceparent }: Pick<FileRef, 'id' | 'traceparent'>): SpanPlace {
  const given = parseTraceparent(traceparent);
  return { traceId: given?.traceId ?? digest(id, 32), spanId: digest(`arrival ${id}`, 16) };
}

/** The trace that files share when they become a batch: that of the one that landed first, as a traceparent. */
export function traceOf(files: readonly FileRef[]): Pick<TracedBatch, 'trace'> {
  const [first] = [...files].sort((a, b) => a.landedAt.localeCompare(b.landedAt) || a.id.localeCompare(b.id));
  return first === undefined ? {} : { trace: formatTraceparent(arrivalPlace(first)) };
}

/** The span of a batch, in the trace of the file that landed first. */
export function batchPlace({ id, trace, resumes = 0 }: TracedBatch): SpanPlace {
  const traceId = parseTraceparent(trace)?.traceId ?? digest(`batch ${id}`, 32);
  return { traceId, spanId: digest(`batch ${id} ${resumes}`, 16) };
}

/** The span of a Databricks run: the app tells its place to the job, and emits it when the run has ended. */
export function jobPlace(batch: TracedBatch, step: string, attempt: number): SpanPlace {
  return { traceId: batchPlace(batch).traceId, spanId: digest(`job ${batch.id} ${step} ${attempt}`, 16) };
}

/** The header of W3C Trace Context, for a trace that is recorded. Source: www.w3.org/TR/trace-context. */
export function formatTraceparent({ traceId, spanId }: SpanPlace): string {
  return `00-${traceId}-${spanId}-01`;
}

/** Reads a traceparent; undefined when it is none. */
export function parseTraceparent(text: string | undefined): SpanPlace | undefined {
  const match = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}/.exec(text ?? '');
  const [, traceId, spanId] = match ?? [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

/** An id of that many hex digits; an id of the ledger is one already. */
function digest(name: string, digits: 16 | 32): string {
  if (digits === 32 && /^[\da-f]{32}$/.test(name)) return name;
  return createHash('sha256').update(name).digest('hex').slice(0, digits);
}
