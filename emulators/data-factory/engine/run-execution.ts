import type { Connections } from '../connectors/connections.ts';
import { timestamp } from '../definitions/durations.ts';
import { type Activity, type Pipeline, readPipeline } from '../definitions/pipeline.ts';
import { type EvaluationContext, evaluateDocument, type ObjectValue } from '../expressions/index.ts';
import type { ActivityRecord, RunRecord, RunState } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { InnerResult, InnerScope } from './activity-context.ts';
import { Interruption } from './activity-error.ts';
import { decisiveFailure, type Ending, mayStart } from './outcome.ts';
import { runActivity } from './run-activity.ts';
import { activityValue, rootScope, type Scope, visibleActivities } from './scope.ts';

/** What a run needs from the engine around it. */
export interface RunHost {
  readonly store: Store;
  readonly connections: Connections;
  startPipeline(parent: RunRecord, name: string, parameters: ObjectValue): string;
  ended(runId: string): Promise<RunRecord>;
  globalParameters(factory: string): ObjectValue;
}

/**
 * One run of a pipeline. All that it decides is kept as it goes, so that a new execution of the same run, after a crash,
 * takes up where it ended: activities that ended are not repeated.
 */
export class RunExecution {
  readonly host: RunHost;
  readonly signal: AbortSignal;
  readonly #pipeline: Pipeline;
  #run: RunRecord;

  constructor(run: RunRecord, host: RunHost, signal: AbortSignal) {
    this.#run = run;
    this.host = host;
    this.signal = signal;
    this.#pipeline = readPipeline(run.definition);
  }

  get run(): RunRecord {
    return this.#run;
  }

  /** Runs the pipeline to its end; gives the message of its failure, if it failed. */
  async execute(): Promise<string | undefined> {
    const { failure } = await this.runScope(this.#pipeline.activities, rootScope());
    return failure === undefined ? undefined : `Operation on target ${failure.activity} failed: ${failure.message}`;
  }

  /** Keeps an activity's record, and with it a change of the run's state, in one transaction. */
  keep(record: ActivityRecord, update?: (state: RunState) => RunState): void {
    this.host.store.transaction(() => {
      this.host.store.runs.putActivity(record);
      if (update === undefined) return;
      this.#run = { ...this.#run, state: update(this.#run.state), lastUpdated: timestamp() };
      this.host.store.runs.put(this.#run);
    });
  }

  /** What expressions see from within a scope. */
  contextOf(scope: Scope): EvaluationContext {
    const { state, invokedBy, runStart } = this.#run;
    const { parameters, variables, trigger } = state;
    return {
      pipeline: {
        DataFactory: this.#run.factoryName,
        Pipeline: this.#run.pipelineName,
        RunId: this.#run.runId,
        GroupId: this.#run.runGroupId,
        TriggerType: invokedBy.invokedByType,
        TriggerId: invokedBy.id,
        TriggerName: invokedBy.name,
        TriggerTime: trigger?.startTime ?? runStart,
        TriggeredByPipelineName: invokedBy.pipelineName ?? null,
        TriggeredByPipelineRunId: invokedBy.pipelineRunId ?? null,
        parameters,
        globalParameters: this.host.globalParameters(this.#run.factory),
      },
      variables,
      activities: visibleActivities(scope),
      ...(scope.item === undefined ? {} : { item: scope.item }),
      ...(trigger === null ? {} : { trigger }),
    };
  }

  /** Runs activities in the order of their dependencies, side by side where these allow it. */
  async runScope(activities: readonly Activity[], scope: Scope): Promise<InnerResult> {
    const endings = new Map<string, Ending>();
    const messages = new Map<string, string>();
    const started = new Map<string, Promise<void>>();
    const byName = new Map(activities.map((activity) => [activity.name, activity]));

    const run = async (activity: Activity): Promise<void> => {
      await allOf(activity.dependsOn.flatMap(({ activity: name }) => begin(byName.get(name)) ?? []));
      if (this.signal.aborted) {
        if (isClosing(this.signal)) throw this.signal.reason;
        endings.set(activity.name, 'Cancelled');
        return;
      }
      const skip = !mayStart(activity, endings);
      const record = await runActivity({ execution: this, activity, scope, skip });
      scope.ended.set(activity.name, activityValue(record));
      endings.set(activity.name, record.status as Ending);
      if (record.error !== null) messages.set(activity.name, record.error.message);
    };
    const begin = (activity: Activity | undefined): Promise<void> | undefined => {
      if (activity === undefined) return undefined;
      const running = started.get(activity.name) ?? run(activity);
      started.set(activity.name, running);
      return running;
    };

    await allOf(activities.flatMap((activity) => begin(activity) ?? []));
    const failed = decisiveFailure(activities, endings);
    return {
      failure:
        failed === undefined ? undefined : { activity: failed.name, message: messages.get(failed.name) ?? 'unknown' },
      evaluate: (document) => evaluateDocument(document, this.contextOf(scope)),
    };
  }

  /** The scope of inner activities. */
  innerScope(activity: Activity, parent: Scope, { segment, item }: InnerScope): Scope {
    const path = `${parent.path}${activity.name}[${segment}]/`;
    return {
      path,
      parent,
      item: item ?? parent.item,
      iterationHash: item === undefined ? parent.iterationHash : path,
      ended: new Map(),
    };
  }
}

function isClosing(signal: AbortSignal): boolean {
  return signal.reason instanceof Interruption && signal.reason.kind === 'closing';
}

/** Waits for all, also when one fails, so that nothing goes on unseen. */
async function allOf(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === 'rejected') throw result.reason;
}
