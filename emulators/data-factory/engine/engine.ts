import { randomUUID } from 'node:crypto';
import type { Connections } from '../connectors/connections.ts';
import { timestamp } from '../definitions/durations.ts';
import { DefinitionError } from '../definitions/json.ts';
import { bindParameters } from '../definitions/parameters.ts';
import { readPipeline } from '../definitions/pipeline.ts';
import { evaluateDocument, isObject, type ObjectValue, toValue } from '../expressions/index.ts';
import type { InvokedBy, RunRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { Interruption } from './activity-error.ts';
import { carryOver, type Recovery } from './carry-over.ts';
import { RunExecution } from './run-execution.ts';

/** What a new run is made from. */
export interface NewRun {
  readonly factory: string;
  readonly pipelineName: string;
  readonly parameters: ObjectValue;
  readonly invokedBy: InvokedBy;
  readonly trigger?: ObjectValue;
  readonly recovery?: Recovery;
}

/** Starts, queues, cancels and resumes pipeline runs. */
export class Engine {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #executing = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>();
  readonly #waiting = new Map<string, ((run: RunRecord) => void)[]>();
  #closing = false;

  constructor(store: Store, connections: Connections) {
    this.#store = store;
    this.#connections = connections;
  }

  /**
   * Makes a run and gives its id; it begins at once unless its pipeline's concurrency makes it wait.
   * @throws DefinitionError when there is no such pipeline or a parameter has no value.
   */
  start(request: NewRun): string {
    const { factory, pipelineName, invokedBy, recovery } = request;
    const resource = this.#store.resources.get(factory, 'pipelines', pipelineName);
    if (resource === undefined) throw new DefinitionError(`There is no pipeline '${pipelineName}' in the factory.`);
    const pipeline = readPipeline(resource.properties);
    const reference = recovery?.reference;
    const runId = randomUUID();
    const variables = Object.entries(pipeline.variables).map(([name, { type, defaultValue }]) => {
      const initial =
        type === 'array' ? [] : type === 'boolean' || type === 'bool' ? false : type === 'string' ? '' : null;
      return [name, toValue(defaultValue ?? initial)] as const;
    });
    const run: RunRecord = {
      runId,
      runGroupId: recovery?.sameGroup === true && reference !== undefined ? reference.runGroupId : runId,
      factory,
      factoryName: this.#store.resources.get('', 'factories', factory)?.name.split('/').at(-1) ?? factory,
      pipelineName: resource.name,
      invokedBy,
      status: 'Queued',
      message: '',
      runStart: timestamp(),
      runEnd: null,
      lastUpdated: timestamp(),
      definition: resource.properties,
      state: {
        parameters: reference?.state.parameters ?? bindParameters(pipeline.parameters, request.parameters),
        variables: reference?.state.variables ?? Object.fromEntries(variables),
        returnValue: {},
        trigger: request.trigger ?? null,
      },
    };
    this.#store.transaction(() => {
      this.#store.runs.put(run);
      if (recovery !== undefined) carryOver(this.#store.runs, run, pipeline.activities, recovery);
    });
    // Not before the caller's transaction is through, which may still keep the run's id.
    setImmediate(() => this.#startQueued(factory, run.pipelineName));
    return runId;
  }

  /** Asks a run to stop, and with `recursive` the runs that it started. */
  cancel(runId: string, recursive: boolean): void {
    const run = this.#store.runs.get(runId);
    if (run === undefined || run.runEnd !== null) return;
    if (run.status === 'Queued') {
      this.#end({ ...run, status: 'Cancelled', message: '' });
    } else {
      this.#store.runs.put({ ...run, status: 'Canceling', lastUpdated: timestamp() });
      this.#executing.get(runId)?.controller.abort(new Interruption('cancelled'));
    }
    if (!recursive) return;
    const children = this.#store.runs.active(run.factory).filter(({ invokedBy }) => invokedBy.pipelineRunId === runId);
    for (const child of children) this.cancel(child.runId, true);
  }

  /** Takes up the runs that were active when the emulator last ended. */
  recover(): void {
    for (const run of this.#store.runs.active()) {
      if (run.status === 'InProgress') this.#execute(run);
      else if (run.status === 'Canceling') this.#end({ ...run, status: 'Cancelled' });
      else this.#startQueued(run.factory, run.pipelineName);
    }
  }

  /** The run once it has ended. */
  ended(runId: string): Promise<RunRecord> {
    const run = this.#store.runs.get(runId);
    if (run === undefined) return Promise.reject(new Error(`There is no run ${runId}.`));
    if (run.runEnd !== null) return Promise.resolve(run);
    return new Promise((resolve) => {
      this.#waiting.set(runId, [...(this.#waiting.get(runId) ?? []), resolve]);
    });
  }

  /** The factory's global parameters, as expressions see them. */
  globalParameters(factory: string): ObjectValue {
    const own = this.#store.resources.get('', 'factories', factory)?.properties.globalParameters;
    const child = this.#store.resources.get(factory, 'globalparameters', 'default')?.properties;
    const declared = toValue({ ...(typeof own === 'object' ? own : {}), ...child });
    if (!isObject(declared)) return {};
    return Object.fromEntries(
      Object.entries(declared).map(([name, spec]) => [name, isObject(spec) ? (spec.value ?? null) : spec]),
    );
  }

  /** Stops all work where it is; what was running goes on at the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const { controller } of this.#executing.values()) controller.abort(new Interruption('closing'));
    await Promise.allSettled([...this.#executing.values()].map(({ done }) => done));
  }

  #startQueued(factory: string, pipelineName: string): void {
    if (this.#closing) return;
    const active = this.#store.runs.active(factory, pipelineName);
    let running = active.filter(({ status }) => status !== 'Queued').length;
    for (const run of active) {
      if (run.status !== 'Queued' || this.#executing.has(run.runId)) continue;
      if (running >= readPipeline(run.definition).concurrency) break;
      running += 1;
      const begun: RunRecord = { ...run, status: 'InProgress', lastUpdated: timestamp() };
      this.#store.runs.put(begun);
      this.#execute(begun);
    }
  }

  #execute(run: RunRecord): void {
    const controller = new AbortController();
    const execution = new RunExecution(
      run,
      {
        store: this.#store,
        connections: this.#connections,
        startPipeline: (parent, pipelineName, parameters) => this.#startChild(parent, pipelineName, parameters),
        ended: (runId) => this.ended(runId),
        globalParameters: (factory) => this.globalParameters(factory),
      },
      controller.signal,
    );
    const done = execution
      .execute()
      .then(
        (failure) => ({
          status: failure === undefined ? ('Succeeded' as const) : ('Failed' as const),
          message: failure ?? '',
        }),
        (error: unknown) => {
          if (error instanceof Interruption && error.kind === 'closing') return undefined;
          return { status: 'Failed' as const, message: error instanceof Error ? error.message : String(error) };
        },
      )
      .then((outcome) => {
        this.#executing.delete(run.runId);
        if (outcome === undefined || this.#closing) return;
        const cancelled = controller.signal.aborted;
        this.#end({ ...execution.run, ...(cancelled ? { status: 'Cancelled', message: '' } : outcome) });
      });
    this.#executing.set(run.runId, { controller, done });
  }

  #startChild(
    { factory, runId, pipelineName: parent }: RunRecord,
    pipelineName: string,
    parameters: ObjectValue,
  ): string {
    return this.start({
      factory,
      pipelineName,
      parameters,
      invokedBy: {
        id: runId,
        name: parent,
        invokedByType: 'PipelineActivity',
        pipelineName: parent,
        pipelineRunId: runId,
      },
    });
  }

  #end(run: RunRecord): void {
    const now = timestamp();
    const ended: RunRecord = { ...run, runEnd: now, lastUpdated: now };
    this.#store.runs.put(ended);
    for (const resolve of this.#waiting.get(run.runId) ?? []) resolve(ended);
    this.#waiting.delete(run.runId);
    this.#startQueued(run.factory, run.pipelineName);
  }
}

/** Evaluates a trigger's parameters, which see the trigger only. */
export function evaluateTriggerParameters(parameters: unknown, trigger: ObjectValue): ObjectValue {
  const values = evaluateDocument(parameters, { trigger });
  return isObject(values) ? values : {};
}
