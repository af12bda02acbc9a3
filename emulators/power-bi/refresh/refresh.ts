/** The two services that keep a copy of the model; each has its own data and its own refreshes. */
export const SERVICES = ['power-bi', 'analysis-services'] as const;
export type Service = (typeof SERVICES)[number];

export const REFRESH_TYPES = ['full', 'clearValues', 'calculate', 'dataOnly', 'automatic', 'defragment'] as const;
export type RefreshType = (typeof REFRESH_TYPES)[number];

export type RefreshStatus = 'InProgress' | 'Completed' | 'Failed' | 'TimedOut' | 'Cancelled';

/** A partition that a refresh is about. */
export interface RefreshObject {
  readonly table: string;
  readonly partition: string;
}

/** What was asked for, complete: each service's defaults are filled in. */
export interface RefreshRequest {
  readonly type: RefreshType;
  readonly commitMode: 'transactional' | 'partialBatch';
  readonly maxParallelism: number;
  readonly retryCount: number;
  /** For each attempt. */
  readonly timeoutMilliseconds: number;
  readonly objects: readonly RefreshObject[];
  /** False for Power BI's plain refresh, which cannot be cancelled. */
  readonly enhanced: boolean;
}

export interface Attempt {
  readonly attemptId: number;
  readonly startTime: string;
  readonly endTime?: string;
  /** Why it failed. */
  readonly message?: string;
}

/** A refresh with all that is known of it; times are ISO 8601 in UTC. */
export interface Refresh {
  readonly id: string;
  readonly service: Service;
  readonly request: RefreshRequest;
  readonly status: RefreshStatus;
  readonly startTime: string;
  readonly endTime?: string;
  readonly attempts: readonly Attempt[];
  /** The objects that are done; partialBatch commits them one by one. */
  readonly done: readonly RefreshObject[];
  readonly message?: string;
}
