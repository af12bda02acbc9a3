import * as df from 'durable-functions';

/**
 * One of every durable feature. Nothing here remembers anything outside of the state of the host, so that what is on disk
 * is all that decides how the story goes on.
 */
const counter = new df.EntityId('counter', 'c');
const other = new df.EntityId('counter', 'd');
const held = new df.EntityId('counter', 'held');

type Context = df.OrchestrationContext;

export const orchestrators: Readonly<Record<string, df.OrchestrationHandler>> = {
  /** Fan-out with retries and a child, a timer, a lock over two entities, an HTTP request, starting over, a late event. */
  *everything(context: Context) {
    const { round, base } = context.df.getInput<{ round: number; base: string }>();
    const name = (step: string) => `${round}-${step}`;
    const fanned = yield context.df.Task.all([
      context.df.callActivity('work', name('a')),
      context.df.callActivity('work', name('b')),
      context.df.callActivityWithRetry('flaky', new df.RetryOptions(1, 3), name('flaky')),
      context.df.callSubOrchestrator('child', name('child'), `child-${round}`),
    ]);
    context.df.signalEntity(counter, 'add', 1);
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 20));
    const lock: df.DurableLock = yield context.df.lock(counter, other);
    const before: number = yield context.df.callEntity(counter, 'get');
    yield context.df.callActivity('work', name('locked'));
    yield context.df.callEntity(counter, 'add', 10);
    lock.release();
    const answer = yield context.df.callHttp({ method: 'GET', url: `${base}/job?polls=1` });
    if (round === 0) {
      context.df.continueAsNew({ round: 1, base });
      return undefined;
    }
    context.df.setCustomStatus('waiting');
    const go = yield context.df.waitForExternalEvent('go');
    const last = yield context.df.callActivity('work', name('last'));
    return { fanned, before, content: answer.content, go, last };
  },
  *child(context: Context) {
    return yield context.df.callActivity('work', context.df.getInput());
  },
  /** An event that comes before it is awaited. */
  *early(context: Context) {
    yield context.df.callActivity('work', 'before the event');
    return yield context.df.waitForExternalEvent('hello');
  },
  /** An event or a timer, whichever is first; the timer is cancelled. */
  *paused(context: Context) {
    const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 86_400_000));
    const kept = context.df.waitForExternalEvent('kept');
    const winner = yield context.df.Task.any([kept, timeout]);
    timeout.cancel();
    return winner === kept ? kept.result : 'too late';
  },
  /** Holds a lock until it is terminated. */
  *victim(context: Context) {
    yield context.df.lock(held);
    context.df.setCustomStatus('holding');
    yield context.df.waitForExternalEvent('never');
  },
  /** Wants the lock of the one that is terminated. */
  *heir(context: Context) {
    const lock: df.DurableLock = yield context.df.lock(held);
    yield context.df.callEntity(held, 'add', 1);
    lock.release();
    return 'inherited';
  },
  /** Fails in its child, until it is rewound. */
  *broken(context: Context) {
    const first = yield context.df.callActivity('work', 'before the failure');
    const mended = yield context.df.callSubOrchestrator('fragile', null, 'fragile');
    return { first, mended };
  },
  *fragile(context: Context) {
    const first = yield context.df.callActivity('work', 'in the child');
    const mended = yield context.df.callActivity('needsMending', 'mend');
    return { first, mended };
  },
  *echo(context: Context) {
    return yield context.df.callActivity('work', context.df.getInput());
  },
};

export const counting: df.EntityHandler<number> = (context) => {
  const value = context.df.getState(() => 0) ?? 0;
  const input = context.df.getInput<number>() ?? 0;
  if (context.df.operationName === 'add') {
    context.df.setState(value + input);
  } else if (context.df.operationName === 'set') {
    context.df.setState(input);
  }
  context.df.return(value);
};

/** The instances in the end: their status and output. Whoever is not here was purged. */
export const expectedInstances: Readonly<Record<string, readonly [status: string, output: unknown]>> = {
  main: [
    'Completed',
    {
      fanned: ['1-a', '1-b', '1-flaky', '1-child'],
      before: 12,
      content: 'done',
      go: 'now',
      last: '1-last',
    },
  ],
  'child-0': ['Completed', '0-child'],
  'child-1': ['Completed', '1-child'],
  early: ['Completed', 'you'],
  paused: ['Completed', 'this'],
  victim: ['Terminated', 'enough'],
  heir: ['Completed', 'inherited'],
  broken: ['Completed', { first: 'before the failure', mended: { first: 'in the child', mended: 'mend' } }],
  fragile: ['Completed', { first: 'in the child', mended: 'mend' }],
  again: ['Completed', 'second'],
  restarted: ['Completed', 'second'],
};

export const expectedEntities: Readonly<Record<string, number>> = { c: 22, held: 1, client: 5 };
