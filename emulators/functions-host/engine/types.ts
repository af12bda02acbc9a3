/** The words that the engine and the protocol of a durable library have in common. All payloads are JSON text. */

export type RuntimeStatus =
  | 'Pending'
  | 'Running'
  | 'Suspended'
  | 'ContinuedAsNew'
  | 'Completed'
  | 'Failed'
  | 'Terminated';

/** Whether an instance of that status is over. */
export function isTerminal(status: RuntimeStatus): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}

/** What is known of a failure besides its message, in the words of the library that reads it. */
export type FailureDetails = Readonly<Record<string, unknown>>;

export interface Parent {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
}

/**
 * Which of the story's own steps a task is, in the protocol's counting from 0; absent when the protocol asked for it on
 * its own account, as for another attempt.
 */
interface Placed {
  readonly place?: number | undefined;
}

/** Something that happened to an orchestration, at a time in milliseconds. */
export type HistoryEvent = { readonly at: number } & (
  | { readonly type: 'turnStarted' | 'turnCompleted' }
  | { readonly type: 'executionStarted'; readonly name: string; readonly version: string | null }
  | (Placed & {
      readonly type: 'activityScheduled';
      readonly id: number;
      readonly name: string;
      readonly input: string | null;
    })
  | { readonly type: 'activityCompleted' | 'childCompleted'; readonly id: number; readonly result: string | null }
  | {
      readonly type: 'activityFailed' | 'childFailed';
      readonly id: number;
      readonly reason: string;
      readonly details: string;
      readonly failure?: FailureDetails;
    }
  | (Placed & {
      readonly type: 'childCreated';
      readonly id: number;
      readonly name: string;
      readonly instanceId: string;
      readonly input: string | null;
      readonly version: string | null;
    })
  | (Placed & { readonly type: 'timerCreated'; readonly id: number; readonly fireAt: number })
  | { readonly type: 'timerFired'; readonly id: number; readonly fireAt: number }
  | (Placed & {
      readonly type: 'eventSent';
      readonly id: number;
      readonly target: string;
      readonly name: string;
      readonly input: string;
      /** Under what name the answer is raised; absent when none comes. */
      readonly requestId?: string;
    })
  | {
      readonly type: 'eventRaised';
      readonly name: string;
      readonly input: string | null;
      /** It answers a call of an entity, and is of no use to a later execution. */
      readonly isResponse?: true;
    }
  | { readonly type: 'terminated' | 'suspended' | 'resumed' | 'rewound'; readonly reason: string }
  | {
      readonly type: 'executionCompleted';
      readonly status: RuntimeStatus;
      readonly result: string | null;
      readonly failure?: FailureDetails;
    }
);

export type HistoryEventType = HistoryEvent['type'];
export type EventOf<T extends HistoryEventType> = Extract<HistoryEvent, { readonly type: T }>;

/** What an orchestration wants done. The ids are the protocol's: results come back under them. */
export type Decision = Placed &
  (
    | { readonly kind: 'callActivity'; readonly id: number; readonly name: string; readonly input: string | null }
    | {
        readonly kind: 'startChild';
        readonly id: number;
        readonly name: string;
        readonly instanceId: string | null;
        readonly input: string | null;
        readonly version: string | null;
      }
    | { readonly kind: 'createTimer'; readonly id: number; readonly fireAt: number }
    | { readonly kind: 'cancelTimer'; readonly id: number }
    | {
        readonly kind: 'callEntity' | 'signalEntity';
        readonly id: number;
        readonly entityId: string;
        readonly operation: string;
        readonly input: string | null;
      }
    | {
        readonly kind: 'lockEntities';
        readonly id: number;
        readonly requestId: string;
        readonly entityIds: readonly string[];
      }
    | { readonly kind: 'releaseEntity'; readonly id: number; readonly requestId: string; readonly entityId: string }
  );

/** How an execution ended, if it did. */
export type ExecutionEnd =
  | { readonly kind: 'completed'; readonly output: string | null }
  | { readonly kind: 'failed'; readonly message: string; readonly failure?: FailureDetails }
  | { readonly kind: 'continuedAsNew'; readonly input: string | null };

/** One call of an orchestrator function. */
export interface Turn {
  readonly instanceId: string;
  readonly name: string;
  readonly input: string | null;
  readonly parentInstanceId: string | null;
  /** All turns so far. The same array object as long as the execution lasts, only ever appended to. */
  readonly past: readonly HistoryEvent[];
  /** `turnStarted` and the events that this turn delivers. */
  readonly fresh: readonly HistoryEvent[];
  /** What the protocol gave back after the turn before; undefined at first. JSON-safe. */
  readonly protocolState: unknown;
}

export interface TurnOutcome {
  readonly decisions: readonly Decision[];
  readonly protocolState: unknown;
  /** JSON text; undefined leaves it as it was. */
  readonly customStatus?: string;
  readonly end?: ExecutionEnd;
}

export interface EntityOperation {
  readonly name: string;
  readonly input: string | null;
  readonly isSignal: boolean;
}

export interface EntityBatch {
  readonly name: string;
  readonly key: string;
  readonly exists: boolean;
  readonly state: string | null;
  readonly operations: readonly EntityOperation[];
}

export interface EntityBatchOutcome {
  readonly exists: boolean;
  readonly state: string | null;
  /** One for each operation, in order. */
  readonly results: readonly { readonly isError: boolean; readonly result: string | null }[];
  readonly signals: readonly { readonly entityId: string; readonly operation: string; readonly input: string | null }[];
}

export type ActivityOutcome =
  | { readonly ok: true; readonly result: string | null }
  | { readonly ok: false; readonly reason: string; readonly details: string; readonly failure?: FailureDetails };

/** What calls the app's functions for the engine, in the protocol of one durable library. None of them rejects. */
export interface DurableProtocol {
  /** How many events from the head of the inbox the next turn may deliver; at least one. */
  deliverable(protocolState: unknown, inbox: readonly HistoryEvent[]): number;
  runTurn(turn: Turn): Promise<TurnOutcome>;
  runActivity(activity: { instanceId: string; name: string; input: string | null }): Promise<ActivityOutcome>;
  runEntity(batch: EntityBatch): Promise<EntityBatchOutcome>;
  /** The text of the result by which a granted lock, or an entity's answer, reaches the orchestration. */
  entityResponse(response: { isError: boolean; result: string | null } | 'lockGranted'): string;
  /** The text of a message to an entity as it shows in the history. */
  entityRequest(request: {
    requestId: string;
    operation: string | null;
    input: string | null;
    isSignal: boolean;
    instanceId: string;
    executionId: string;
  }): string;
}
