import type { OrchestrationContext, Task } from 'durable-functions';
import type { IntakeState } from '../../src/entities/intake.ts';
import { EMPTY_INTAKE, operate } from '../../src/entities/intake.ts';
import { NO_REFRESH, operateRefresh, type RefreshState } from '../../src/entities/semantic-model.ts';
import { ENTITIES } from '../../src/shared/names.ts';

type Story = (context: OrchestrationContext) => Generator<Task, unknown, never>;
type Activity = (input: never) => unknown;

/** What an orchestrator asked for, executed by the runner below when it is yielded. */
type Request =
  | { readonly kind: 'activity'; readonly name: string; readonly input: unknown }
  | { readonly kind: 'sub'; readonly name: string; readonly input: unknown; readonly id: string }
  | {
      readonly kind: 'entity';
      readonly name: string;
      readonly key: string;
      readonly operation: string;
      readonly input: unknown;
    }
  | (Completable & { readonly kind: 'timer'; readonly fireAt: Date })
  | (Completable & { readonly kind: 'event'; readonly name: string })
  | { readonly kind: 'all'; readonly tasks: readonly Request[] }
  | { readonly kind: 'any'; readonly tasks: readonly Request[] };

/** A task that a story may look at, or give up. */
interface Completable {
  isCompleted: boolean;
  cancel(): void;
}

/** What happened, in order: `activity inspect-files`, `sub process-batch flights-00000001`, `timer 2`, … */
export interface Trace {
  readonly calls: string[];
  /** Inputs of the activities called, by name. */
  readonly inputs: Map<string, unknown[]>;
}

/** Runs orchestrators with their activities inline: no host, no store, no clock but a virtual one. */
export function createInlineDurable(
  stories: Readonly<Record<string, Story>>,
  activities: Readonly<Record<string, Activity>>,
) {
  const trace: Trace = { calls: [], inputs: new Map() };
  const intakes = new Map<string, IntakeState>();
  const models = new Map<string, RefreshState>();
  const raised = new Set<string>();
  let instances = 0;
  let now = Date.parse('2026-01-01T00:00:00Z');

  const run = async (name: string, input: unknown, id = `instance-${++instances}`): Promise<unknown> => {
    const story = stories[name];
    if (story === undefined) throw new Error(`no orchestrator '${name}'`);
    let again: { input: unknown } | undefined;
    const context = contextOf(
      id,
      input,
      () => new Date(now),
      (next) => {
        again = { input: next };
      },
    );
    const generator = story(context);
    let step = generator.next();
    while (!step.done) {
      try {
        step = generator.next((await execute(step.value as unknown as Request)) as never);
      } catch (error) {
        step = generator.throw(error);
      }
    }
    return again === undefined ? step.value : run(name, again.input, id);
  };

  const execute = async (request: Request): Promise<unknown> => {
    switch (request.kind) {
      case 'activity': {
        trace.calls.push(`activity ${request.name}`);
        trace.inputs.set(request.name, [...(trace.inputs.get(request.name) ?? []), request.input]);
        const activity = activities[request.name];
        if (activity === undefined) throw new Error(`no activity '${request.name}'`);
        return activity(throughJson(request.input) as never);
      }
      case 'sub':
        trace.calls.push(`sub ${request.id}`);
        return throughJson(await run(request.name, throughJson(request.input), request.id));
      case 'entity':
        return callEntity(request.name, request.key, request.operation, throughJson(request.input));
      case 'timer':
        trace.calls.push(`timer ${(request.fireAt.getTime() - now) / 1000}`);
        now = request.fireAt.getTime();
        request.isCompleted = true;
        return undefined;
      case 'event':
        if (!raised.has(request.name)) throw new Error(`nobody raised the event '${request.name}'`);
        request.isCompleted = true;
        return undefined;
      case 'any':
        return execute(
          request.tasks.find((task) => task.kind === 'event' && raised.has(task.name)) ??
            (request.tasks.find(({ kind }) => kind !== 'event') as Request),
        );
      case 'all':
        return Promise.all(request.tasks.map(execute));
    }
  };

  const callEntity = (name: string, key: string, operation: string, input: unknown): unknown => {
    if (name === ENTITIES.semanticModel) {
      const step = operateRefresh(models.get(key) ?? NO_REFRESH, operation, input);
      models.set(key, step.state);
      return throughJson(step.answer);
    }
    const step = operate(key, intakes.get(key) ?? EMPTY_INTAKE, operation, input);
    intakes.set(key, step.state);
    return throughJson(step.answer);
  };

  /** Tells the stories of an event, as a client would. */
  const raise = (event: string): void => {
    raised.add(event);
  };
  return { run, trace, intakes, models, raise };
}

function contextOf(
  instanceId: string,
  input: unknown,
  clock: () => Date,
  continueAsNew: (input: unknown) => void,
): OrchestrationContext {
  const task = (request: Request): Task => request as unknown as Task;
  const df = {
    instanceId,
    getInput: () => input,
    get currentUtcDateTime() {
      return clock();
    },
    callActivityWithRetry: (name: string, _retry: unknown, activityInput: unknown) =>
      task({ kind: 'activity', name, input: activityInput }),
    callSubOrchestrator: (name: string, subInput: unknown, id: string) =>
      task({ kind: 'sub', name, input: subInput, id }),
    callEntity: ({ name, key }: { name: string; key: string }, operation: string, entityInput: unknown) =>
      task({ kind: 'entity', name, key, operation, input: entityInput }),
    createTimer: (fireAt: Date) => task({ kind: 'timer', fireAt, isCompleted: false, cancel: () => undefined }),
    waitForExternalEvent: (name: string) => task({ kind: 'event', name, isCompleted: false, cancel: () => undefined }),
    continueAsNew,
    Task: {
      all: (tasks: readonly Task[]) => task({ kind: 'all', tasks: tasks as unknown as readonly Request[] }),
      any: (tasks: readonly Task[]) => task({ kind: 'any', tasks: tasks as unknown as readonly Request[] }),
    },
  };
  return { df, warn: () => undefined } as unknown as OrchestrationContext;
}

/** As the real host does: what an orchestration carries must survive JSON. */
function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
