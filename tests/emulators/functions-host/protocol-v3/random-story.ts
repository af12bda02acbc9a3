import * as df from 'durable-functions';
import { randomFrom } from './random.ts';

type Context = df.OrchestrationContext;

/** What somebody did to the code of a story while it was being told. */
export interface Change {
  readonly kind:
    | 'another function'
    | 'a step more'
    | 'a step less'
    | 'another kind'
    | 'an early end'
    | 'an early throw';
  /** The step of the story that it concerns. */
  readonly step: number;
}

export interface StoryOptions {
  readonly change?: Change;
  readonly throwsAtEnd?: boolean;
  /** Told before each step, with how many tasks and signals came before it. */
  readonly onStep?: (step: number, place: number) => void;
}

export const storySteps = 8;

interface Teller {
  readonly context: Context;
  readonly random: (below: number) => number;
  readonly made: df.Task[];
  /** Of the functions that this step calls. */
  suffix: string;
  place: number;
}

/** A story made of a seed: the same at every replay, of tasks of all kinds, alone and in nested Task.any and Task.all. */
export function randomStory(seed: number, options: StoryOptions = {}): df.OrchestrationHandler {
  const { change, onStep } = options;
  return function* (context: Context) {
    const teller: Teller = { context, random: randomFrom(seed), made: [], suffix: '', place: 0 };
    const { random } = teller;
    const told: unknown[] = [];
    for (let step = 0; step < storySteps; step++) {
      onStep?.(step, teller.place);
      const changed = change?.step === step ? change.kind : undefined;
      teller.suffix = changed === 'another function' ? '-renamed' : '';
      if (changed === 'an early end') {
        return told;
      }
      if (changed === 'an early throw') {
        throw new Error('the new code does not understand what it got');
      }
      if (changed === 'a step more') {
        told.push(yield context.df.callActivity('inserted'));
      }
      if (changed === 'another kind') {
        told.push(yield context.df.callEntity(new df.EntityId('e', 'instead'), 'ask'));
      }
      if (random(4) === 0) {
        context.df.signalEntity(new df.EntityId('e', `s${step}`), 'note', step);
        teller.place++;
      }
      const locks = random(6) === 0;
      if (locks && changed !== 'a step less') {
        told.push(yield* criticalSection(teller));
      }
      const task = tree(teller, `${step}`, 3);
      if (changed === 'a step less') {
        continue;
      }
      try {
        told.push(shown(yield task));
      } catch (error) {
        told.push(`failed: ${(error as Error).message.split(' ')[0]}`);
      }
    }
    if (options.throwsAtEnd === true) {
      throw new Error('the end is sad');
    }
    return told;
  };
}

/** What a step gave: of a Task.any only which kind of thing won, for that is a task. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(shown);
  }
  return typeof value === 'object' && value !== null && 'isCompleted' in value ? 'a task' : value;
}

function tree(teller: Teller, name: string, depth: number): df.Task {
  const { context, random, made } = teller;
  const kind = depth === 0 ? random(9) : random(13);
  if (kind < 9) {
    const task = leaf(teller, kind, name);
    if (kind !== 8) {
      made.push(task); // The library would give an event that is awaited twice to the same task twice.
    }
    return task;
  }
  const children = Array.from({ length: 1 + random(4) }, (_, i) => tree(teller, `${name}.${i}`, depth - 1));
  // Now and then an earlier task that is still open is awaited again.
  const open = made.filter((task) => !task.isCompleted && !task.isFaulted && !children.includes(task));
  const again = open[random(open.length + 1)];
  if (again !== undefined && random(2) === 0) {
    children.push(again);
  }
  return random(2) === 0 ? context.df.Task.any(children) : context.df.Task.all(children);
}

/** Holds two entities, calls one, and gives both up: a lock, a call, and a message to each. */
function* criticalSection(teller: Teller): Generator<df.Task, string, df.DurableLock> {
  const { context } = teller;
  const entities = [new df.EntityId('e', 'locked1'), new df.EntityId('e', 'locked2')] as const;
  teller.place += 2;
  const lock = yield context.df.lock(...entities);
  try {
    yield context.df.callEntity(entities[0], 'ask');
    return 'held both';
  } catch {
    return 'held both in vain';
  } finally {
    lock.release();
    teller.place++;
  }
}

function leaf(teller: Teller, kind: number, name: string): df.Task {
  const { context, random, suffix } = teller;
  const options = new df.RetryOptions(10, 1 + random(3));
  if (random(3) === 0) {
    options.retryTimeoutInMilliseconds = 1500; // Of the story's time, in which a turn takes a second.
  }
  if (kind === 8) {
    return context.df.waitForExternalEvent(`event${random(2)}`); // No step: nothing is scheduled for it.
  }
  teller.place++;
  // Few names, so that many steps look alike.
  const [activity, child] = [`activity${random(3)}${suffix}`, `child${suffix}`];
  switch (kind) {
    case 0:
      return context.df.callActivityWithRetry(activity, options, name);
    case 1:
      return context.df.callSubOrchestrator(child, name);
    case 2:
      return context.df.callSubOrchestratorWithRetry(child, options, name);
    case 3:
      return context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000));
    case 4:
      return context.df.callHttp({ method: 'GET', url: `http://example.test/${name}` });
    case 5: {
      const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000));
      if (random(2) === 0) {
        timer.cancel(); // Before anything knows of it; whoever waits for it alone waits for ever.
        return context.df.Task.any([context.df.callActivity(activity, name), place(teller, timer)]);
      }
      return timer;
    }
    case 7:
      return context.df.callEntity(new df.EntityId('e', `k${random(2)}`), 'ask', name);
    default:
      return context.df.callActivity(activity, name);
  }
}

function place(teller: Teller, task: df.Task): df.Task {
  teller.place++;
  return task;
}
