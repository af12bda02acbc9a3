import type { Connections } from '../connectors/connections.ts';
import type { JsonObject } from '../definitions/json.ts';
import type { Activity } from '../definitions/pipeline.ts';
import type { EvaluationContext, ObjectValue, Value } from '../expressions/index.ts';
import type { RunRecord, RunState } from '../store/records.ts';

/** What an activity's implementation may use while it runs. */
export interface ActivityContext {
  readonly activity: Activity;
  readonly run: RunRecord;
  /** When the activity first began; a resumed one keeps its start. */
  readonly startedAt: Date;
  /** Aborted on cancel, timeout and close. */
  readonly signal: AbortSignal;
  readonly connections: Connections;
  /** Evaluates all expressions within a document. */
  evaluate(document: unknown, extra?: Pick<EvaluationContext, 'item'>): Value;
  /** The activity's `typeProperties` as plain JSON, all expressions evaluated. */
  properties(): JsonObject;
  /** Shows the input in the activity run. */
  setInput(input: unknown): void;
  /** Names the linked service in the activity run. */
  setLinkedService(name: string): void;
  /** What `saveProgress` kept, also from before a crash; null at first. */
  readonly progress: Value;
  saveProgress(progress: Value): void;
  /** Runs inner activities as a scope of their own; gives the message of their failure, if they fail. */
  runInner(activities: readonly Activity[], at: InnerScope): Promise<InnerResult>;
  /** Starts another pipeline; once it has a run id, `onStart` is told of it in the same transaction. */
  startPipeline(name: string, parameters: ObjectValue, onStart: (runId: string) => void): void;
  /** Waits until a run has ended. */
  pipelineEnded(runId: string): Promise<RunRecord>;
}

export interface InnerScope {
  /** What tells it from other scopes of the same activity, such as the number of the iteration. */
  readonly segment: string;
  readonly item?: Value;
}

export interface InnerResult {
  readonly failure: { readonly activity: string; readonly message: string } | undefined;
  /** Evaluates within the inner scope. */
  evaluate(document: unknown): Value;
}

/** What an activity gives: its output, and what it changes of the run, which is kept together with it. */
export interface ActivityResult {
  readonly output: unknown;
  readonly update?: (state: RunState) => RunState;
}

/** Carries out one attempt. Throws ActivityError, DefinitionError or ExpressionError when it fails. */
export type ActivityRunner = (context: ActivityContext) => Promise<ActivityResult> | ActivityResult;
