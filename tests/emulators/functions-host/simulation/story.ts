import * as df from 'durable-functions';
import { type EntityState, type Program, type Step, type TaskStep, type Told, wantsMending } from './program.ts';

type Context = df.OrchestrationContext;
type Telling = Generator<df.Task, Told, unknown>;

export interface StoryInput {
  readonly program: Program;
  readonly told?: readonly Told[];
  readonly round?: number;
}

export const entityId = (key: string) => new df.EntityId('notes', key);

/** Does what its program says; its custom status tells how often it has started over. */
export const story: df.OrchestrationHandler = function* (context: Context) {
  const { program, told = [], round = 0 } = context.df.getInput<StoryInput>();
  context.df.setCustomStatus({ round });
  const all = [...told];
  for (const [index, step] of program.entries()) {
    if (step.do === 'again') {
      context.df.continueAsNew({ program: program.slice(index + 1), told: all, round: round + 1 });
      return undefined;
    }
    all.push(yield* tell(context, step));
  }
  return all;
};

function* tell(context: Context, step: Exclude<Step, { do: 'again' }>): Telling {
  switch (step.do) {
    case 'signal':
      context.df.signalEntity(entityId(step.entity), 'note', { from: context.df.instanceId, n: step.n });
      return 'sent';
    case 'locked': {
      const ids = step.entities.map(entityId);
      const [first] = ids as [df.EntityId];
      const lock = (yield context.df.lock(...ids)) as df.DurableLock;
      const counter = (yield context.df.callEntity(first, 'get')) as number;
      yield context.df.callActivity('work', step.key);
      yield context.df.callEntity(first, 'set', counter + 1);
      lock.release();
      return 'locked';
    }
    case 'any':
      try {
        yield context.df.Task.any(step.steps.map((part) => task(context, part)));
      } catch {
        // A failure can win, too.
      }
      return 'raced';
    case 'all': {
      const tasks = step.steps.map((part) => task(context, part));
      return yield* tellTasks(context, step.steps, context.df.Task.all(tasks), (value) => value as unknown[]);
    }
    default: {
      const told = yield* tellTasks(context, [step], task(context, step), (value) => [value]);
      return told === 'failed' ? told : (told[0] ?? 'nothing');
    }
  }
}

function* tellTasks(
  context: Context,
  steps: readonly TaskStep[],
  awaited: df.Task,
  resultsOf: (value: unknown) => unknown[],
): Generator<df.Task, readonly Told[] | 'failed', unknown> {
  const start = context.df.currentUtcDateTime.getTime();
  try {
    const results = resultsOf(yield awaited);
    const elapsedMs = context.df.currentUtcDateTime.getTime() - start;
    return steps.map((step, index) => shown(step, results[index], elapsedMs));
  } catch (error) {
    if (steps.some(wantsMending)) {
      throw error;
    }
    return 'failed';
  }
}

function shown(step: TaskStep, result: unknown, elapsedMs: number): Told {
  switch (step.do) {
    case 'timer':
      return elapsedMs >= step.ms ? 'in time' : 'early';
    case 'http':
      return (result as { content: string }).content;
    default:
      return result as Told;
  }
}

function task(context: Context, step: TaskStep): df.Task {
  switch (step.do) {
    case 'activity':
      return context.df.callActivity('work', step.key);
    case 'fails':
      return context.df.callActivity('fail', step.key);
    case 'mend':
      return context.df.callActivity('mend', step.key);
    case 'flaky': {
      const options = new df.RetryOptions(100, step.attempts);
      options.backoffCoefficient = 2;
      return context.df.callActivityWithRetry('flaky', options, step);
    }
    case 'child':
      return context.df.callSubOrchestrator('story', { program: step.program }, step.id ?? undefined);
    case 'timer':
      return context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + step.ms));
    case 'event':
      return context.df.waitForExternalEvent(step.name);
    case 'call':
      return context.df.callEntity(entityId(step.entity), 'note', { from: context.df.instanceId, n: step.n });
    case 'http':
      return context.df.callHttp({ method: 'GET', url: `http://simulated/${step.key}?polls=${step.polls}` });
  }
}

/** Keeps what it hears, and a counter to be changed under a lock. */
export const notes: df.EntityHandler<unknown> = (context) => {
  const state = context.df.getState(() => ({ heard: {}, counter: 0 })) as EntityState;
  switch (context.df.operationName) {
    case 'note': {
      const { from, n } = context.df.getInput<{ from: string; n: number }>() ?? { from: '', n: -1 };
      const numbers = [...(state.heard[from] ?? []), n];
      context.df.setState({ ...state, heard: { ...state.heard, [from]: numbers } });
      context.df.return(numbers.length);
      break;
    }
    case 'get':
      context.df.return(state.counter);
      break;
    case 'set':
      context.df.setState({ ...state, counter: context.df.getInput<number>() ?? 0 });
      break;
    default:
      throw new Error(`no operation ${context.df.operationName}`);
  }
};
