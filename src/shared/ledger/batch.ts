/** One version of a landed file, as it travels through a batch. */
export interface FileRef {
  readonly id: string;
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  readonly sequencer: string;
  readonly landedAt: string;
}

/** Files of one dataset that are processed together. */
export interface Batch {
  readonly id: string;
  readonly dataset: string;
  readonly number: number;
  readonly files: readonly FileRef[];
}

/** What `admit-file` starts from: a file that arrived; a batch that it goes on with; or one whose driver is no more. */
export interface Admission {
  readonly dataset: string;
  readonly file?: FileRef;
  readonly batch?: Batch;
  readonly orphan?: string;
  /** A batch without files: `scores` rescores all published rows, `insights` computes insights only. */
  readonly refresh?: 'scores' | 'insights';
}
