import * as df from 'durable-functions';
import { randomFrom } from './random.ts';

type Context = df.OrchestrationContext;

/** A story made of a seed: the same at every replay, of tasks of all kinds, alone and in nested Task.any and Task.all. */
export function randomStory(seed: number): df.OrchestrationHandler {
  return function* (context: Context) {
    const random = randomFrom(seed);
    const told: unknown[] = [];
    const made: df.Task[] = [];
    for (let step = 0; step < 8; step++) {
      if (random(4) === 0) {
        context.df.signalEntity(new df.EntityId('e', `s${step}`), 'note', step);
      }
      const task = tree(context, random, `${step}`, 3, made);
      try {
        told.push(shown(yield task));
      } catch (error) {
        told.push(`failed: ${(error as Error).message.split(' ')[0]}`);
      }
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

function tree(context: Context, random: (n: number) => number, name: string, depth: number, made: df.Task[]): df.Task {
  const kind = depth === 0 ? random(6) : random(10);
  if (kind < 6) {
    const task = leaf(context, kind, name, random);
    made.push(task);
    return task;
  }
  const children = Array.from({ length: 1 + random(4) }, (_, i) =>
    tree(context, random, `${name}.${i}`, depth - 1, made),
  );
  // Now and then an earlier task that is still open is awaited again.
  const open = made.filter((task) => !task.isCompleted && !task.isFaulted && !children.includes(task));
  const again = open[random(open.length + 1)];
  if (again !== undefined && random(2) === 0) {
    children.push(again);
  }
  return random(2) === 0 ? context.df.Task.any(children) : context.df.Task.all(children);
}

function leaf(context: Context, kind: number, name: string, random: (n: number) => number): df.Task {
  const options = new df.RetryOptions(10, 1 + random(3));
  switch (kind) {
    case 0:
      return context.df.callActivityWithRetry('activity', options, name);
    case 1:
      return context.df.callSubOrchestrator('child', name);
    case 2:
      return context.df.callSubOrchestratorWithRetry('child', options, name);
    case 3:
      return context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000));
    case 4:
      return context.df.callHttp({ method: 'GET', url: `http://example.test/${name}` });
    default:
      return context.df.callActivity('activity', name);
  }
}
