import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { DurableEngine } from '../../../../emulators/functions-host/engine/engine.ts';
import { prepareSchema } from '../../../../emulators/functions-host/engine/schema.ts';
import type { HistoryEvent } from '../../../../emulators/functions-host/engine/types.ts';
import { createProtocolV3 } from '../../../../emulators/functions-host/protocol-v3/protocol.ts';
import { cleanUp, newFolder } from '../start-host.ts';

afterAll(cleanUp);

type Handler = (trigger: unknown, context: object) => Promise<unknown>;
interface Testing {
  createOrchestrator(story: df.OrchestrationHandler): Handler;
  createEntityFunction(entity: df.EntityHandler<number>): Handler;
}
const { createOrchestrator, createEntityFunction } = createRequire(import.meta.url)(
  'durable-functions/lib/src/util/testingUtils',
) as Testing;

const counter = new df.EntityId('counter', 'c');
const other = new df.EntityId('counter', 'd');

const stories: Readonly<Record<string, df.OrchestrationHandler>> = {
  *main(context) {
    const round = context.df.getInput<{ round: number }>().round;
    const name = (step: string) => `${round}-${step}`;
    const fanned = yield context.df.Task.all([
      context.df.callActivity('work', name('a')),
      context.df.callActivity('work', name('b')),
      context.df.callActivityWithRetry('flaky', new df.RetryOptions(1, 3), name('flaky')),
      context.df.callSubOrchestrator('child', name('child'), `child-${round}`),
    ]);
    context.df.signalEntity(counter, 'add', 1);
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 3));
    const lock: df.DurableLock = yield context.df.lock(counter, other);
    const before: number = yield context.df.callEntity(counter, 'get');
    yield context.df.callActivity('work', name('locked'));
    yield context.df.callEntity(counter, 'add', 10);
    lock.release();
    if (round === 0) {
      context.df.continueAsNew({ round: 1 });
      return;
    }
    const go = yield context.df.waitForExternalEvent('go');
    const last = yield context.df.callActivity('work', name('last'));
    return { fanned, before, go, last };
  },
  *child(context) {
    return yield context.df.callActivity('work', context.df.getInput());
  },
};

const count: df.EntityHandler<number> = (context) => {
  const value = context.df.getState(() => 0) ?? 0;
  if (context.df.operationName === 'add') {
    context.df.setState(value + (context.df.getInput<number>() ?? 0));
  }
  context.df.return(value);
};

const expected = {
  fanned: ['1-a', '1-b', '1-flaky', '1-child'],
  before: 12,
  go: 'now',
  last: '1-last',
};

/** An engine on that file which tells the real library's stories, and what it runs. */
function open(path: string, afterCommit: () => void = () => undefined) {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;');
  prepareSchema(database);
  const exec = database.exec.bind(database);
  database.exec = (sql) => {
    exec(sql);
    if (sql === 'COMMIT') {
      afterCommit();
    }
  };
  const runs: string[] = [];
  const failed = new Set<string>();
  const protocol = createProtocolV3({
    orchestrator: (name, payload) => {
      const story = stories[name];
      return story === undefined ? Promise.reject(new Error(name)) : createOrchestrator(story)(JSON.parse(payload), {});
    },
    entity: (_name, payload) => createEntityFunction(count)(JSON.parse(payload), {}),
    activity: async (name, input) => {
      const given = JSON.parse(input ?? 'null') as string;
      runs.push(given);
      if (name === 'flaky' && !failed.has(given)) {
        failed.add(given);
        throw new Error('the first time fails');
      }
      return given;
    },
  });
  const engine = new DurableEngine({
    database,
    protocol,
    maxConcurrentActivities: 4,
    maxEntityOperationBatchSize: 10,
    onFatal: (error) => {
      throw error;
    },
  });
  return { engine, database, runs };
}

/** The inputs of activities whose results are on disk. */
function finishedActivities(database: DatabaseSync): string[] {
  const events = [
    ...database
      .prepare('SELECT events FROM history')
      .all()
      .flatMap((row) => JSON.parse(String(row.events)) as HistoryEvent[]),
    ...database
      .prepare('SELECT event FROM inbox')
      .all()
      .map((row) => JSON.parse(String(row.event)) as HistoryEvent),
  ];
  // Every input is used once, and says what it is: a result is the input again.
  return events.flatMap((event) =>
    event.type === 'activityCompleted' && event.result !== null ? [JSON.parse(event.result) as string] : [],
  );
}

test('from whichever commit a crash leaves behind, the story ends the same and nothing finished runs again', async () => {
  const folder = newFolder();
  const path = join(folder, 'state.sqlite');
  let points = 0;
  const copy = () => {
    const point = join(folder, `point-${points++}`);
    mkdirSync(point);
    for (const suffix of ['', '-wal'].filter((end) => existsSync(`${path}${end}`))) {
      copyFileSync(`${path}${suffix}`, join(point, `state.sqlite${suffix}`));
    }
  };
  const first = open(path, copy);
  first.engine.start();
  await first.engine.startInstance({ name: 'main', input: '{"round":0}', instanceId: 'main' });
  const waits = first.engine.waitUntilOver('main', 5000);
  // Once the first round is over, for what came in it goes with it.
  while (first.engine.queries.instance('main')?.input !== '{"round":1}') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const unheard = points;
  await first.engine.raiseEvent('main', 'go', '"now"');
  expect(JSON.parse((await waits)?.output ?? 'null')).toEqual(expected);
  first.engine.close();
  first.database.close();
  expect(points).toBeGreaterThanOrEqual(8);

  for (let point = 0; point < points; point++) {
    const { engine, database, runs } = open(join(folder, `point-${point}`, 'state.sqlite'));
    const finished = finishedActivities(database);
    engine.start();
    if (point < unheard) {
      while (engine.queries.instance('main')?.input !== '{"round":1}') {
        await new Promise((resolve) => setImmediate(resolve));
      }
      await engine.raiseEvent('main', 'go', '"now"');
    } else if (engine.queries.instance('main')?.status === 'Running') {
      await engine.raiseEvent('main', 'go', '"now"'); // Its sender may not have heard that it was taken.
    }
    const over = await engine.waitUntilOver('main', 5000);
    expect([point, over?.status, JSON.parse(over?.output ?? 'null')]).toEqual([point, 'Completed', expected]);
    expect([point, runs.filter((run) => finished.includes(run))]).toEqual([point, []]);
    expect([point, engine.queries.entity('@counter@c')?.state]).toEqual([point, '22']);
    engine.close();
    database.close();
  }
});
