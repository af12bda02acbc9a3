import { appendFileSync } from 'node:fs';
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const trace = (line) => {
  if (process.env.TRACE_FILE) {
    appendFileSync(process.env.TRACE_FILE, `${line}\n`);
  }
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

df.app.activity('hello', { handler: (name) => `Hello ${name}!` });
df.app.activity('slow', {
  handler: async ({ name, ms }) => {
    trace(`start ${name}`);
    await sleep(ms);
    trace(`done ${name}`);
    return name;
  },
});
const failures = new Map();
df.app.activity('flaky', {
  handler: ({ key, times }) => {
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    trace(`flaky ${key} ${count}`);
    if (count <= times) {
      throw new Error(`flaky failure ${count}`);
    }
    return count;
  },
});
let broken = true;
df.app.activity('mend', {
  handler: () => {
    broken = false;
  },
});
df.app.activity('needsMending', {
  handler: () => {
    trace('needsMending');
    if (broken) {
      throw new Error('it is broken');
    }
    return 'mended';
  },
});

df.app.orchestration('chain', function* (context) {
  const names = context.df.getInput() || ['Tokyo', 'Seattle'];
  const greetings = [];
  for (const name of names) {
    greetings.push(yield context.df.callActivity('hello', name));
  }
  return greetings;
});
df.app.orchestration('fanOut', function* (context) {
  const count = context.df.getInput();
  const tasks = [];
  for (let i = 0; i < count; i++) {
    tasks.push(context.df.callActivity('slow', { name: `t${i}`, ms: 20 }));
  }
  return yield context.df.Task.all(tasks);
});
df.app.orchestration('steps', function* (context) {
  const { count, ms } = context.df.getInput();
  for (let i = 0; i < count; i++) {
    yield context.df.callActivity('slow', { name: `step${i}`, ms });
    context.df.setCustomStatus({ step: i });
  }
  return count;
});
df.app.orchestration('retry', function* (context) {
  const { key, times, attempts } = context.df.getInput();
  const options = new df.RetryOptions(20, attempts);
  options.backoffCoefficient = 2;
  const parallel = context.df.callActivityWithRetry('flaky', options, { key: `${key}-b`, times: 1 });
  const results = yield context.df.Task.all([
    context.df.callActivityWithRetry('flaky', options, { key: `${key}-a`, times }),
    parallel,
    context.df.callActivity('hello', 'x'),
  ]);
  const after = yield context.df.callActivity('hello', 'after');
  return { results, after };
});
df.app.orchestration('caught', function* (context) {
  const { key, attempts } = context.df.getInput();
  try {
    yield context.df.callActivityWithRetry('flaky', new df.RetryOptions(5, attempts), { key, times: 99 });
  } catch (error) {
    const next = yield context.df.callActivity('hello', 'rescue');
    return { message: error.message, next };
  }
});
df.app.orchestration('child', function* (context) {
  const { name, fail } = context.df.getInput();
  if (fail) {
    throw new Error(`child ${name} failed`);
  }
  return yield context.df.callActivity('hello', name);
});
df.app.orchestration('parent', function* (context) {
  const first = yield context.df.callSubOrchestrator('child', { name: 'one' });
  const second = yield context.df.callSubOrchestrator('child', { name: 'two' }, `${context.df.instanceId}-two`);
  let error;
  try {
    yield context.df.callSubOrchestrator('child', { name: 'three', fail: true });
  } catch (caught) {
    error = caught.message;
  }
  return { first, second, error };
});
df.app.orchestration('timer', function* (context) {
  const ms = context.df.getInput();
  const before = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(new Date(before + ms));
  return context.df.currentUtcDateTime.getTime() - before >= ms;
});
df.app.orchestration('approval', function* (context) {
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + context.df.getInput()));
  const approved = context.df.waitForExternalEvent('approved');
  const winner = yield context.df.Task.any([approved, timeout]);
  if (winner === approved) {
    timeout.cancel();
    const later = yield context.df.callActivity('hello', 'approved');
    return { value: approved.result, later };
  }
  return 'timed out';
});
df.app.orchestration('earlyEvents', function* (context) {
  yield context.df.callActivity('slow', { name: 'early', ms: 200 });
  const a = yield context.df.waitForExternalEvent('a');
  const b = yield context.df.waitForExternalEvent('b');
  return [a, b];
});
// The shape of the phone verification sample: one task is awaited again in several Task.any.
df.app.orchestration('again', function* (context) {
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
  const seen = [];
  for (let i = 0; i < 3; i++) {
    const answer = context.df.waitForExternalEvent('answer');
    const winner = yield context.df.Task.any([answer, timeout]);
    seen.push(winner === answer ? answer.result : 'timeout');
    seen.push(yield context.df.callActivity('hello', i));
  }
  timeout.cancel();
  return seen;
});
df.app.orchestration('eternal', function* (context) {
  const { left, total } = context.df.getInput();
  if (left === 0) {
    return total;
  }
  const added = yield context.df.waitForExternalEvent('add');
  context.df.continueAsNew({ left: left - 1, total: total + added });
});
df.app.orchestration('broken', function* (context) {
  yield context.df.callActivity('slow', { name: 'before', ms: 1 });
  try {
    return yield context.df.callActivity('needsMending');
  } catch (error) {
    yield context.df.callActivity('slow', { name: 'cleanup', ms: 1 });
    throw error;
  }
});
df.app.orchestration('brokenParent', function* (context) {
  const result = yield context.df.callSubOrchestrator('broken', null, `${context.df.instanceId}-child`);
  return { result };
});

const counter = (context) => {
  const value = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(value + context.df.getInput());
      break;
    case 'get':
      context.df.return(value);
      break;
    case 'reset':
      context.df.destructOnExit();
      break;
    case 'forward':
      context.df.signalEntity(new df.EntityId('Counter', context.df.getInput()), 'add', value);
      break;
    default:
      throw new Error('unknown operation');
  }
};
df.app.entity('Counter', counter);
df.app.entity('Tally', counter);
df.app.orchestration('counting', function* (context) {
  const id = new df.EntityId('Counter', context.df.getInput());
  context.df.signalEntity(id, 'add', 3);
  yield context.df.callEntity(id, 'add', 4);
  const value = yield context.df.callEntity(id, 'get');
  let failed = false;
  try {
    yield context.df.callEntity(id, 'nonsense');
  } catch {
    failed = true;
  }
  return { value, failed };
});
df.app.orchestration('transfer', function* (context) {
  const { from, to, amount } = context.df.getInput();
  const a = new df.EntityId('Counter', from);
  const b = new df.EntityId('Counter', to);
  const lock = yield context.df.lock(a, b);
  const balance = yield context.df.callEntity(a, 'get');
  yield context.df.callActivity('slow', { name: 'transfer', ms: 30 });
  yield context.df.callEntity(a, 'add', -amount);
  yield context.df.callEntity(b, 'add', amount);
  lock.release();
  const after = yield context.df.callActivity('hello', 'after');
  return { balance, after };
});
// Any callHttp: its options, with the resource of a token.
df.app.orchestration('calls', function* (context) {
  const { resource, ...options } = context.df.getInput();
  const tokenSource = resource ? new df.ManagedIdentityTokenSource(resource) : undefined;
  try {
    const response = yield context.df.callHttp({ ...options, tokenSource });
    return { status: response.statusCode, content: response.content, made: response.headers['x-made'] };
  } catch (error) {
    return { error: error.message };
  }
});

app.http('start', {
  route: 'start/{name}/{id?}',
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const text = await request.text();
    const id = await client.startNew(request.params.name, {
      input: text === '' ? undefined : JSON.parse(text),
      ...(request.params.id ? { instanceId: request.params.id } : {}),
    });
    return client.createCheckStatusResponse(request, id);
  },
});
df.app.client.http('run', {
  route: 'run/{name}/{id?}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request, client) => {
    const text = await request.text();
    const id = await client.startNew(request.params.name, {
      input: text === '' ? undefined : JSON.parse(text),
      ...(request.params.id ? { instanceId: request.params.id } : {}),
    });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, id, {
      timeoutInMilliseconds: 8000,
      retryIntervalInMilliseconds: 20,
    });
  },
});
// Calls any method of the durable client: {"method": "...", "args": [...]}.
df.app.client.http('client', {
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request, client) => {
    const { method, args } = await request.json();
    const revived = args.map((arg) =>
      arg?.entity
        ? new df.EntityId(...arg.entity)
        : arg?.createdTimeFrom
          ? { ...arg, createdTimeFrom: new Date(arg.createdTimeFrom) }
          : arg,
    );
    try {
      return { jsonBody: { ok: true, value: (await client[method](...revived)) ?? null } };
    } catch (error) {
      return { jsonBody: { ok: false, error: error.message } };
    }
  },
});
df.app.client.eventGrid('arrival', {
  handler: async (event, client) => {
    await client.signalEntity(new df.EntityId('Counter', event.subject), 'add', 1);
  },
});

df.app.orchestration('repair', function* (context) {
  yield context.df.callActivity('mend');
});

// Its code "changes" while it waits: what the first run asks for is asked for differently after changeMind.
let mind = 'first';
df.app.orchestration('fickle', function* (context) {
  const greeting = yield context.df.callActivity('hello', 'fickle');
  const second =
    mind === 'first'
      ? yield context.df.callActivity('slow', { name: 'second', ms: 1 })
      : yield context.df.callSubOrchestrator('child', { name: 'second' });
  const go = yield context.df.waitForExternalEvent('go');
  return { greeting, second, go };
});
df.app.activity('setMind', {
  handler: (to) => {
    mind = to;
    return to;
  },
});
df.app.orchestration('changeMind', function* (context) {
  return yield context.df.callActivity('setMind', context.df.getInput());
});
df.app.orchestration('talkative', function* (context) {
  context.df.setCustomStatus('x'.repeat(context.df.getInput()));
  return yield context.df.callActivity('hello', 'talkative');
});

// How many of a kind run at once: each call waits a little, and tells the most that there were.
const busy = { activity: { now: 0, most: 0 }, entity: { now: 0, most: 0 } };
const meanwhile = async (kind) => {
  const count = busy[kind];
  count.most = Math.max(count.most, ++count.now);
  await sleep(15);
  count.now--;
  return count.most;
};
df.app.activity('busyActivity', { handler: () => meanwhile('activity') });
df.app.entity('BusyEntity', async (context) => context.df.return(await meanwhile('entity')));
df.app.orchestration('busy', function* (context) {
  const numbers = Array.from({ length: 12 }, (_, i) => i);
  const activities = yield context.df.Task.all(numbers.map((i) => context.df.callActivity('busyActivity', i)));
  const entities = yield context.df.Task.all(
    numbers.map((i) => context.df.callEntity(new df.EntityId('BusyEntity', `${i}`), 'wait')),
  );
  return { activities: Math.max(...activities), entities: Math.max(...entities) };
});
