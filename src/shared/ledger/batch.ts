/** One version of a landed file, as it travels through a batch. */
export interface FileRef {
  readonly id: string;
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  readonly sequencer: string;
  readonly landedAt: string;
  /** It was deleted from landing: what it brought is taken back. */
  readonly deleted?: true;
  /** The trace that its event belongs to, where it came with one; see telemetry/span-place.ts. */
  readonly traceparent?: string;
}

/** A list of files that lies in the lake (see file-lists.ts): what travels must not grow with the files. */
export interface FileList {
  readonly path: string;
  readonly count: number;
}

/** Files of one dataset that are processed together; or none, to score and publish again what is there already. */
export interface Batch {
  readonly id: string;
  readonly dataset: string;
  readonly number: number;
  /** Absent: none, or not gathered yet. */
  readonly files?: FileList;
  /** Only without files: why the rows are scored and published again. */
  readonly refresh?: string;
  /** The arrival of the file that landed first, as a traceparent: the trace that the batch belongs to. */
  readonly trace?: string;
  /** How many times it was resumed. */
  readonly resumes?: number;
}

/**
 * What `admit-file` starts from: that files have arrived, as the ledger says; a reason to score and publish again; a batch
 * that it goes on with; one whose driver is no more; or one that ended and is to be resumed, for the how manieth time.
 */
export interface Admission {
  readonly dataset: string;
  readonly refresh?: string;
  readonly batch?: Batch;
  readonly orphan?: string;
  readonly resume?: { readonly id: string; readonly times: number };
}

/** The job that scores a batch: its new rows, or all rows where there are no new ones. */
export function scoringStep({ refresh }: Batch): 'score' | 'rescore' {
  return refresh === undefined ? 'score' : 'rescore';
}
