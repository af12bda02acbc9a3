import type { JsonObject } from '../definitions/json.ts';
import type { ActivityStatus } from '../definitions/pipeline.ts';
import type { ObjectValue, Value } from '../expressions/index.ts';

export type RunStatus = 'Queued' | 'InProgress' | 'Succeeded' | 'Failed' | 'Canceling' | 'Cancelled';

/** A factory, or something in it, as it was put. */
export interface ResourceRecord {
  readonly name: string;
  readonly etag: string;
  readonly properties: JsonObject;
  /** Of a factory: location, tags, identity. */
  readonly envelope?: JsonObject;
}

/** Who asked for a run. */
export interface InvokedBy {
  readonly id: string;
  readonly name: string;
  readonly invokedByType: 'Manual' | 'ScheduleTrigger' | 'PipelineActivity';
  readonly pipelineName?: string;
  readonly pipelineRunId?: string;
}

/** A pipeline run. */
export interface RunRecord {
  readonly runId: string;
  readonly runGroupId: string;
  readonly factory: string;
  readonly factoryName: string;
  readonly pipelineName: string;
  readonly invokedBy: InvokedBy;
  readonly status: RunStatus;
  readonly message: string;
  readonly runStart: string;
  readonly runEnd: string | null;
  readonly lastUpdated: string;
  /** The pipeline's `properties` as they were when the run began. */
  readonly definition: JsonObject;
  readonly state: RunState;
}

/** What of a run expressions see; kept so that no digit is lost. */
export interface RunState extends ObjectValue {
  readonly parameters: ObjectValue;
  readonly variables: ObjectValue;
  readonly returnValue: ObjectValue;
  /** What `trigger()` gives; nothing in a run that no trigger began. */
  readonly trigger: ObjectValue | null;
}

/** What went wrong in an activity. */
export interface ActivityFailure {
  readonly errorCode: string;
  readonly message: string;
  readonly failureType: 'UserError' | 'SystemError';
}

/** One attempt of an activity. */
export interface ActivityRecord {
  readonly activityRunId: string;
  readonly runId: string;
  /** Where in the pipeline it is: the names of what is around it, with the number of the iteration, and its own. */
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly status: ActivityStatus;
  readonly start: string;
  readonly end: string | null;
  /** How many retries came before; interruptions do not count. */
  readonly attempt: number;
  /** True once no further attempt will come. */
  readonly final: boolean;
  readonly linkedServiceName: string;
  readonly iterationHash: string;
  readonly error: ActivityFailure | null;
  readonly secureInput: boolean;
  readonly secureOutput: boolean;
  readonly interrupted: boolean;
  readonly data: ActivityData;
}

/** The part of an activity's record that expressions may see, and what its runner keeps for itself. */
export interface ActivityData extends ObjectValue {
  readonly input: Value;
  readonly output: Value;
  readonly userProperties: Value;
  readonly progress: Value;
}

/** A trigger's firing. */
export interface TriggerRunRecord {
  readonly triggerRunId: string;
  readonly factory: string;
  readonly triggerName: string;
  readonly triggerType: string;
  readonly triggerRunTimestamp: string;
  readonly status: 'Succeeded' | 'Failed';
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly triggeredPipelines: Readonly<Record<string, string>>;
}
