import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { client, finished, run, start, status, webhook } from './durable-client.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from './start-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost('durable', newFolder(), { args: ['--log-level', 'error'] });
});
afterAll(cleanUp);

describe('orchestrations', () => {
  test('activities run one after the other and give their results', async () => {
    expect(await run(host, 'chain', ['Tokyo', 'Seattle'])).toEqual(['Hello Tokyo!', 'Hello Seattle!']);
  });

  test('activities in parallel give their results in the order of the tasks', async () => {
    expect(await run(host, 'fanOut', 12)).toEqual(Array.from({ length: 12 }, (_, i) => `t${i}`));
  });

  test('failed activities are tried again beside others, and each result reaches its task', async () => {
    expect(await run(host, 'retry', { key: 'r1', times: 2, attempts: 4 })).toEqual({
      results: [3, 2, 'Hello x!'],
      after: 'Hello after!',
    });
  });

  test('after the last attempt the error reaches the story, which can go on', async () => {
    expect(await run(host, 'caught', { key: 'c1', attempts: 3 })).toEqual({
      message: expect.stringContaining("Activity function 'flaky' failed: flaky failure 3"),
      next: 'Hello rescue!',
    });
  });

  test('sub-orchestrations give results and failures to their parent', async () => {
    expect(await run(host, 'parent', null, 'family')).toEqual({
      first: 'Hello one!',
      second: 'Hello two!',
      error: expect.stringContaining('child three failed'),
    });
    expect(await status(host, 'family-two')).toMatchObject({ runtimeStatus: 'Completed', output: 'Hello two!' });
  });

  test('a durable timer fires no earlier than it should', async () => {
    expect(await run(host, 'timer', 120)).toBe(true);
  });

  test('an external event wins over a timer, which is cancelled', async () => {
    const id = await start(host, 'approval', 60_000);
    await client(host, 'raiseEvent', id, 'approved', { by: 'Ann' });
    expect((await finished(host, id)).output).toEqual({ value: { by: 'Ann' }, later: 'Hello approved!' });
  });

  test('a timer wins over an event that never comes', async () => {
    expect(await run(host, 'approval', 50)).toBe('timed out');
  });

  test('events that come before they are awaited are kept', async () => {
    const id = await start(host, 'earlyEvents');
    await client(host, 'raiseEvent', id, 'b', 2);
    await client(host, 'raiseEvent', id, 'a', 1);
    expect((await finished(host, id)).output).toEqual([1, 2]);
  });

  test('a task that is awaited again in a later Task.any keeps its identity', async () => {
    const id = await start(host, 'again');
    for (const answer of ['x', 'y', 'z']) {
      await client(host, 'raiseEvent', id, 'answer', answer);
    }
    const expected = ['x', 'Hello 0!', 'y', 'Hello 1!', 'z', 'Hello 2!'];
    expect((await finished(host, id)).output).toEqual(expected);
  });

  test('a story that starts over loses no event', async () => {
    const id = await start(host, 'eternal', { left: 20, total: 0 });
    await Promise.all(Array.from({ length: 20 }, (_, i) => client(host, 'raiseEvent', id, 'add', i)));
    expect((await finished(host, id)).output).toBe(190);
  });

  test('the custom status shows while the story runs', async () => {
    const id = await start(host, 'steps', { count: 3, ms: 30 });
    await eventually(async () => ((await status(host, id)).customStatus === null ? undefined : true), 'a status');
    expect((await finished(host, id)).customStatus).toEqual({ step: 2 });
  });

  test('an orchestrator that leaves its path fails with the step, and can be rewound once it is back on it', async () => {
    const id = await start(host, 'fickle', null, 'fickle');
    await eventually(async () => {
      const answer = await fetch(webhook(host, `instances/${id}?showHistory=true`));
      const { historyEvents = [] } = (await answer.json()) as { historyEvents?: unknown[] };
      return historyEvents.length >= 3 ? true : undefined;
    }, 'both steps');
    await run(host, 'changeMind', 'second');
    await client(host, 'raiseEvent', id, 'go', 1);
    const { runtimeStatus, output } = await finished(host, id);
    expect([runtimeStatus, output]).toEqual([
      'Failed',
      expect.stringMatching(
        /^Non-Deterministic workflow detected: step 2 of this instance was activity 'slow' \(task 1, .*asks for sub-orchestration 'child' there/,
      ),
    ]);
    await run(host, 'changeMind', 'first');
    await client(host, 'rewind', id, 'the old code is back');
    expect(await finished(host, id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { greeting: 'Hello fickle!', second: 'second', go: 1 },
    });
  });

  test('a custom status that is too long fails the orchestration before it does anything more', async () => {
    expect(await run(host, 'talkative', 8000)).toBe('Hello talkative!');
    const id = await start(host, 'talkative', 9000);
    const { runtimeStatus, output, customStatus } = await finished(host, id);
    expect([runtimeStatus, customStatus, output]).toEqual([
      'Failed',
      null,
      expect.stringContaining('must not exceed 16 KB. The current payload size is 17 KB'),
    ]);
  });

  test('an orchestrator that throws fails with its message', async () => {
    const id = await start(host, 'child', { name: 'x', fail: true });
    const { runtimeStatus, output } = await finished(host, id);
    expect([runtimeStatus, output]).toEqual(['Failed', "Orchestrator function 'child' failed: child x failed"]);
  });
});

describe('entities', () => {
  test('signals and calls reach an entity in order, and a failed operation fails its caller only', async () => {
    expect(await run(host, 'counting', 'order')).toEqual({ value: 7, failed: true });
  });

  test('a signal of a client is on disk when the call returns, whatever the case of the name', async () => {
    await client(host, 'signalEntity', { entity: ['COUNTER', 'Case'] }, 'add', 5);
    const state = await eventually(async () => {
      const answer = (await client(host, 'readEntityState', { entity: ['counter', 'Case'] })) as {
        entityState?: number;
      };
      return answer.entityState;
    }, 'the state');
    expect(state).toBe(5);
    expect(await client(host, 'readEntityState', { entity: ['counter', 'case'] })).toEqual({ entityExists: false });
  });

  test('an entity signals another', async () => {
    await client(host, 'signalEntity', { entity: ['Counter', 'from'] }, 'add', 4);
    await client(host, 'signalEntity', { entity: ['Counter', 'from'] }, 'forward', 'to');
    const state = await eventually(async () => {
      return ((await client(host, 'readEntityState', { entity: ['Counter', 'to'] })) as { entityState?: number })
        .entityState;
    }, 'the other state');
    expect(state).toBe(4);
  });

  test('a lock keeps others out between its operations', async () => {
    await client(host, 'signalEntity', { entity: ['Counter', 'alice'] }, 'add', 100);
    const ids = await Promise.all(
      [1, 2, 3, 4].map((amount) =>
        start(
          host,
          'transfer',
          amount % 2 === 0 ? { from: 'alice', to: 'bob', amount } : { from: 'bob', to: 'alice', amount },
        ),
      ),
    );
    const outputs = await Promise.all(ids.map((id) => finished(host, id)));
    expect(outputs.map(({ runtimeStatus }) => runtimeStatus)).toEqual(Array(4).fill('Completed'));
    const { entityState } = (await client(host, 'readEntityState', { entity: ['Counter', 'alice'] })) as {
      entityState: number;
    };
    expect(entityState).toBe(100 - 2 - 4 + 1 + 3);
  });

  test('a terminated owner gives up its lock', async () => {
    await client(host, 'signalEntity', { entity: ['Counter', 'l1'] }, 'add', 1);
    const id = await start(host, 'transfer', { from: 'l1', to: 'l2', amount: 1 });
    await client(host, 'terminate', id, 'enough');
    await finished(host, id);
    const again = await start(host, 'transfer', { from: 'l2', to: 'l1', amount: 1 });
    expect((await finished(host, again)).runtimeStatus).toBe('Completed');
  });
});
