/** How a run of a pipeline stands; all but `running` are final. */
export type PipelineRunStatus = 'running' | 'succeeded' | 'failed' | 'canceled';

/** What Data Factory takes for the name of a pipeline. */
export const PIPELINE_NAME = /^[A-Za-z0-9_][^<>*#.%&:\\+?/]{0,259}$/;

/** Whether a text can be the id of a run: a pipeline's name with a UUID, or with the date of a nightly run. */
export function isPipelineRunId(id: string): boolean {
  const name = /^(.+)-(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d{2}-\d{2})$/.exec(id)?.[1];
  return name !== undefined && PIPELINE_NAME.test(name);
}

/** What one Copy activity of a run moved. */
export interface PipelineCopy {
  readonly activity: string;
  /** The table that was read, where the activity names one. */
  readonly table?: string;
  /** Path in the landing container of the file that was written, where the activity names one. */
  readonly landed?: string;
  readonly succeeded: boolean;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly filesWritten: number;
  readonly bytesWritten: number;
  readonly seconds: number;
}

/** What is asked of a pipeline. */
export interface PipelineRequest {
  /** Of this run: whoever asks twice under one id gets one run. */
  readonly id: string;
  readonly pipeline: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeLimitSeconds: number;
}

/** What became of one run of a pipeline. */
export interface PipelineRunRecord extends PipelineRequest {
  /** The factory's name, by which its runs are kept together. */
  readonly factory: string;
  readonly startedBy: 'request' | 'schedule';
  readonly status: PipelineRunStatus;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** When the factory was asked for the run; its answer is `factoryRunId`. */
  readonly askedAt?: string;
  readonly factoryRunId?: string;
  readonly error?: string;
  readonly rowsRead?: number;
  readonly rowsWritten?: number;
  readonly filesWritten?: number;
  readonly copies?: readonly PipelineCopy[];
}
