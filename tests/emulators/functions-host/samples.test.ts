/**
 * The behaviour of the public samples and end-to-end tests of Durable Functions for Node, written anew:
 * Azure/azure-functions-durable-js `samples-js`, `test/test-app`; Azure/azure-functions-durable-extension
 * `test/e2e/Apps/BasicNode`, `test/e2e/Tests`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { client, finished, type Status, start, status, until, webhook } from './durable-client.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from './start-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost('samples', newFolder(), { args: ['--log-level', 'none'] });
});
afterAll(cleanUp);

/** Starts an orchestration by the sample's HTTP function, and gives what that answers. */
async function wait(name: string, input: unknown = null, id = '', query = ''): Promise<[number, unknown]> {
  const url = `${host.url}/api/orchestrators/wait/${name}${id === '' ? '' : `/${id}`}${query}`;
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(input) });
  const text = await answer.text();
  return [answer.status, text === '' ? undefined : JSON.parse(text)];
}

describe('hello', () => {
  test('a sequence of activities gives their results', async () => {
    expect(await wait('helloSequence')).toEqual([200, ['Hello Tokyo', 'Hello Seattle', 'Hello Cairo']]);
  });

  test('an activity and a sub-orchestration that are called by what their registration gave', async () => {
    expect(await wait('helloWithSubOrchestrator', 'Ann')).toEqual([200, 'Hello Ann']);
  });

  test('a story can tell what it does for the first time from what it repeats', async () => {
    expect(await wait('countsItself')).toEqual([200, { first: 4, all: 1 + 2 + 3 + 4 }]);
  });

  test('inputs and results may be long', async () => {
    expect(await wait('longHello', 1_500_000)).toEqual([200, 1_500_006]);
  });

  test('the custom status stays after the end', async () => {
    await wait('helloWithCustomStatus', 'Bob', 'with-status');
    expect((await status(host, 'with-status')).customStatus).toEqual({ greeting: 'Hello Bob' });
  });

  test('whoever starts an instance is told where to look, at once or when waiting takes too long', async () => {
    const answer = await fetch(`${host.url}/api/orchestrators/approval`, { method: 'POST', body: '{}' });
    const urls = (await answer.json()) as Record<string, string>;
    expect([answer.status, answer.headers.get('location'), answer.headers.get('retry-after')]).toEqual([
      202,
      urls.statusQueryGetUri,
      '10',
    ]);
    const running = (await (await fetch(urls.statusQueryGetUri ?? '')).json()) as Status;
    expect(['Pending', 'Running']).toContain(running.runtimeStatus);
    const raised = await fetch((urls.sendEventPostUri ?? '').replace('{eventName}', 'approval'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'true',
    });
    expect(raised.status).toBe(202);
    expect((await finished(host, urls.id ?? '')).output).toBe('finished');
    const [code, links] = await wait('approval', null, '', '?timeout=0.1&retryInterval=0.05');
    expect([code, links]).toEqual([
      202,
      expect.objectContaining({ terminatePostUri: expect.stringContaining('http') }),
    ]);
  });
});

describe('fan-out and fan-in', () => {
  test('a backup copies every file and sums the sizes', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'from/deep'), { recursive: true });
    writeFileSync(join(folder, 'from/a.txt'), 'a'.repeat(10));
    writeFileSync(join(folder, 'from/deep/b.txt'), 'b'.repeat(7));
    expect(await wait('backup', { from: join(folder, 'from'), to: join(folder, 'to') })).toEqual([200, 17]);
    expect(readFileSync(join(folder, 'to/deep/b.txt'), 'utf8')).toBe('b'.repeat(7));
  });

  test('an input that is missing fails the orchestration', async () => {
    const [code, told] = await wait('backup', {});
    expect([code, told]).toEqual([500, expect.objectContaining({ runtimeStatus: 'Failed' })]);
    expect((told as Status).output).toBe("Orchestrator function 'backup' failed: a folder to back up is required");
  });

  test('devices are provisioned by a sub-orchestration each', async () => {
    expect(await wait('provisionDevices', 3, 'batch')).toEqual([
      200,
      [0, 1, 2].map((i) => ({ id: `device${i}`, certificate: `certificate of device${i}`, isChild: true })),
    ]);
    expect(await status(host, 'batch-device2')).toMatchObject({ name: 'provisionDevice', runtimeStatus: 'Completed' });
  });
});

describe('monitor', () => {
  test('looks until it is clear, and tells so once', async () => {
    const input = { city: 'Bergen', phone: '1', clearAfter: 3, forMs: 60_000, everyMs: 10 };
    expect(await wait('weatherMonitor', input)).toEqual([200, { looks: 3, clear: true }]);
    expect(await wait('whoWasTold', 'Bergen')).toEqual([200, ['1']]);
  });

  test('gives up when its time is over', async () => {
    const input = { city: 'Rain', phone: '1', clearAfter: 1e9, forMs: 40, everyMs: 15 };
    expect(await wait('weatherMonitor', input)).toEqual([200, { looks: expect.any(Number), clear: false }]);
    expect(await wait('whoWasTold', 'Rain')).toEqual([200, []]);
  });
});

describe('phone verification', () => {
  const begin = async (withinMs: number) => {
    const id = await start(host, 'phoneVerification', { phone: '123', withinMs });
    await eventually(
      async () => ((await status(host, id)).customStatus === null ? undefined : true),
      'the code to be sent',
    );
    return id;
  };

  test('the right code is taken after wrong ones', async () => {
    const id = await begin(60_000);
    for (const code of [1, 2, 6]) {
      await client(host, 'raiseEvent', id, 'code', code);
    }
    expect((await finished(host, id)).output).toBe(true);
  });

  test('after four wrong codes it is over', async () => {
    const id = await begin(60_000);
    for (const code of [1, 2, 3, 4]) {
      await client(host, 'raiseEvent', id, 'code', code);
    }
    expect((await finished(host, id)).output).toBe(false);
  });

  test('a wrong code and then silence: the same timer, awaited again, ends it', async () => {
    const id = await begin(150);
    await client(host, 'raiseEvent', id, 'code', 1);
    expect((await finished(host, id)).output).toBe(false);
  });
});

describe('errors and retries', () => {
  test('an activity is tried as often as allowed, and then its error can be caught', async () => {
    expect(await wait('activityWithRetries')).toEqual([
      200,
      { caught: expect.stringContaining('it always fails'), attempts: 2 },
    ]);
  });

  test('retries end when their time is over, though attempts are left', async () => {
    const [code, told] = await wait('impatient');
    expect([code, told]).toEqual([
      200,
      { caught: expect.stringContaining('it always fails'), attempts: expect.any(Number) },
    ]);
    expect((told as { attempts: number }).attempts).toBeLessThan(20);
  });

  test('a sub-orchestration is tried again under the same id', async () => {
    expect(await wait('childWithRetries', null, 'stubborn')).toEqual([
      200,
      { caught: expect.stringContaining('throwsAtOnce does what it says'), attempts: 3 },
    ]);
    expect((await status(host, 'stubborn:0')).runtimeStatus).toBe('Failed');
  });

  test('an error of an activity fails the orchestration that does not catch it, with the whole message', async () => {
    const [, told] = await wait('rethrows');
    expect(told).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringMatching(
        /'rethrows' failed: Activity function 'failsOnce' failed: this activity failed\nand/,
      ),
    });
    expect(await wait('catches')).toEqual([
      200,
      expect.stringMatching(/^caught: Activity function 'failsOnce' failed/),
    ]);
    expect(await wait('retries')).toEqual([200, 'this activity succeeded']);
  });

  test.each(['callsNothing', 'callsNoEntity'])('%s fails, and does not hang', async (name) => {
    const [, told] = await wait(name);
    expect(told).toMatchObject({ runtimeStatus: 'Failed', output: expect.stringMatching(/nosuch/i) });
  });
});

describe('timers', () => {
  test('a timer that is cancelled holds nobody up', async () => {
    expect(await wait('cancelTimer')).toEqual([200, 'Hello from the other side']);
  });

  test('an activity that takes too long loses against a timer', async () => {
    expect(await wait('longActivity', 20)).toEqual([200, 'timed out']);
    expect(await wait('longActivity', 60_000)).toEqual([200, 'done']);
  });

  test.each([365, 2_900_000])('a timer of %i days is one timer, and can still be cut short', async (days) => {
    const id = await start(host, 'longTimer', days);
    const { createdTime } = await status(host, id);
    const timers = await eventually(async () => {
      const answer = await fetch(webhook(host, `instances/${id}?showHistory=true`));
      const { historyEvents = [] } = (await answer.json()) as {
        historyEvents?: { EventType: string; FireAt?: string }[];
      };
      const found = historyEvents.filter(({ EventType }) => EventType === 'TimerCreated');
      return found.length > 0 ? found : undefined;
    }, 'the timer');
    expect(timers).toHaveLength(1);
    const wait = (Date.parse(timers[0]?.FireAt ?? '') - Date.parse(createdTime)) / 86_400_000;
    expect(Math.round(wait)).toBe(days);
    await client(host, 'raiseEvent', id, 'cut', null);
    expect((await finished(host, id)).output).toBe('cut short');
  });

  test('a timer without a valid time fails the orchestration', async () => {
    const [, told] = await wait('neverTimer');
    expect(told).toMatchObject({ runtimeStatus: 'Failed', output: expect.stringContaining('an invalid date') });
  });

  test('an instance that starts over again and again counts to ten', async () => {
    expect(await wait('eternalCounter', null, 'eternal')).toEqual([200, 10]);
    expect((await status(host, 'eternal')).input).toBe(9);
  });
});

describe('values', () => {
  test.each([
    [null],
    [''],
    ['text'],
    ['123'],
    ['{"a":1}'],
    ['"quoted"'],
    [5],
    [1.5],
    [false],
    [[1, '2', null]],
    [{ a: { b: [] } }],
  ])(
    '%j is the same in an event, an activity, a sub-orchestration, an entity, a result and a new execution',
    async (value) => {
      const shown = `${typeof value} ${JSON.stringify(value)}`;
      const id = await start(host, 'waysOfValues');
      await client(host, 'raiseEvent', id, 'value', value);
      const ways = ['event', 'activity', 'result', 'retried', 'child', 'childRetried', 'entity', 'state'];
      const { output } = await finished(host, id);
      expect(output).toEqual(Object.fromEntries(ways.map((way) => [way, shown])));
      expect(await wait('againBare', { first: true, value })).toEqual([200, shown]);
    },
  );
});

describe('external events', () => {
  test('events of one name that come early are taken in their order', async () => {
    const id = await start(host, 'letters', 4);
    for (const letter of ['a', 'b', 'c', 'd']) {
      await client(host, 'raiseEvent', id, 'letter', letter);
    }
    expect((await finished(host, id)).output).toEqual(['a', 'b', 'c', 'd']);
  });

  test('an event that an execution took in and did not use is gone with it, the next one is not', async () => {
    const id = await start(host, 'forgetful');
    await client(host, 'raiseEvent', id, 'letter', 'first');
    await client(host, 'raiseEvent', id, 'letter', 'unused');
    await client(host, 'raiseEvent', id, 'go', true);
    await eventually(async () => ((await status(host, id)).input === '' ? undefined : true), 'the new execution');
    await client(host, 'raiseEvent', id, 'letter', 'last');
    expect((await finished(host, id)).output).toEqual(['first', 'last']);
  });

  test('the first of two events wins', async () => {
    const id = await start(host, 'firstOfTwo');
    await client(host, 'raiseEvent', id, 'b', { from: 'b' });
    expect((await finished(host, id)).output).toEqual({ from: 'b' });
  });

  test('an event without a value arrives, one for nobody is an error, and one for what is over is ignored', async () => {
    const id = await start(host, 'approval');
    await client(host, 'raiseEvent', id, 'approval');
    expect((await finished(host, id)).output).toBe('finished');
    await client(host, 'raiseEvent', id, 'approval', true);
    await expect(client(host, 'raiseEvent', 'nobody', 'approval', true)).rejects.toThrow(
      "No instance with ID 'nobody'",
    );
  });
});

describe('entities', () => {
  test('a counter is read and counted up to its limit by one orchestration after the other', async () => {
    const values: unknown[] = [];
    for (let i = 0; i < 5; i++) {
      values.push((await wait('countOnce', 'mine'))[1]);
    }
    expect(values).toEqual([0, 1, 2, 3, 3]);
  });

  test('a failed operation can be caught, and leaves the entity usable', async () => {
    expect(await wait('callsWrongly')).toEqual([200, 'caught, and the counter is at 0']);
  });

  test('a shopping cart keeps an object as its state', async () => {
    expect(await wait('shopping')).toEqual([200, 12 + 10 * 2]);
  });
});

describe('critical sections', () => {
  test('a transfer between two accounts, with try and finally', async () => {
    expect(await wait('transferTryFinally', { from: 'A', to: 'B', amount: 30, seed: 100 })).toEqual([
      200,
      { moved: true, balances: [70, 30], lockedAfterwards: false },
    ]);
    expect(await wait('transferTryFinally', { from: 'B', to: 'A', amount: 31 })).toEqual([
      200,
      { moved: false, reason: 'only 30', balances: [30, 70], lockedAfterwards: false },
    ]);
  });

  test('the same by a using declaration', async () => {
    await wait('transferTryFinally', { from: 'C', to: 'D', amount: 1, seed: 9 });
    expect(await wait('transferUsing', { from: 'D', to: 'C', amount: 1 })).toEqual([200, { moved: true, locked: 2 }]);
  });

  test('a second lock inside a first is refused, and the first is given up', async () => {
    const [, told] = await wait('nestedLock');
    expect(told).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('Cannot acquire more locks'),
    });
    expect(await wait('holdLock', { key: 'n1', ms: 1 })).toEqual([200, [expect.any(Number), expect.any(Number)]]);
  });

  test('two who want the same lock hold it one after the other', async () => {
    const ids = [
      await start(host, 'holdLock', { key: 'shared', ms: 60 }),
      await start(host, 'holdLock', { key: 'shared', ms: 60 }),
    ];
    const spans = (await Promise.all(ids.map((id) => finished(host, id)))).map(({ output }) => output as number[]);
    const [first = [], second = []] = spans.sort(([a = 0], [b = 0]) => a - b);
    expect(second[0]).toBeGreaterThanOrEqual(first[1] ?? Number.POSITIVE_INFINITY);
  });
});

describe('controlling instances', () => {
  test('terminate ends one instance, and leaves its sub-orchestrations alone', async () => {
    await start(host, 'patientParent', null, 'patient');
    await eventually(async () => client(host, 'getStatus', 'patient-child', {}).catch(() => undefined), 'the child');
    await client(host, 'terminate', 'patient', 'changed my mind');
    expect(await until(host, 'patient', 'Terminated')).toMatchObject({ output: 'changed my mind' });
    await client(host, 'raiseEvent', 'patient-child', 'approval', true);
    expect((await finished(host, 'patient-child')).runtimeStatus).toBe('Completed');
    await client(host, 'terminate', 'patient', 'once more'); // as a client sees it, nothing happens
    expect((await status(host, 'patient')).output).toBe('changed my mind');
    await expect(client(host, 'terminate', 'nobody', 'x')).rejects.toThrow("No instance with ID 'nobody'");
  });

  test.each([1, 2])('a family is rewound %i times, and what succeeded does not run again', async (failures) => {
    const id = await start(host, 'brokenFamily', { failures, prefix: `family ${failures}` });
    for (let i = 0; i < failures; i++) {
      expect((await finished(host, id)).runtimeStatus).toBe('Failed');
      await client(host, 'rewind', id, 'again');
    }
    const { runtimeStatus, output } = await finished(host, id);
    expect(runtimeStatus).toBe('Completed');
    const runs = Object.entries(output as Record<string, number>);
    expect(runs.length).toBe(2 + 2 * 7);
    for (const [name, count] of runs) {
      expect([name, count]).toEqual([name, name.includes('fails') ? failures + 1 : 1]);
    }
  });

  test('only what failed can be rewound', async () => {
    await wait('helloOnce', 'x', 'was-fine');
    await expect(client(host, 'rewind', 'was-fine', 'x')).rejects.toThrow(/status Completed.*"Failed"/);
    await expect(client(host, 'rewind', 'nobody', 'x')).rejects.toThrow('No orchestration with instance ID "nobody"');
  });

  test('every other method of the client', async () => {
    await wait('helloOnce', 'purge me', 'to-purge');
    await start(host, 'approval', null, 'to-suspend');
    await until(host, 'to-suspend', 'Running');
    await client(host, 'suspend', 'to-suspend', 'wait');
    await until(host, 'to-suspend', 'Suspended');
    await client(host, 'resume', 'to-suspend', 'go');
    await until(host, 'to-suspend', 'Running');
    await expect(client(host, 'getStatus', 'nobody', {})).rejects.toThrow('HTTP 404');
    await expect(client(host, 'startNew', 'approval', { instanceId: 'to-suspend' })).rejects.toThrow(
      /409.*status Running already exists/,
    );
    expect(await client(host, 'getStatusAll')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ instanceId: 'to-purge', input: 'purge me', output: 'Hello purge me' }),
        expect.objectContaining({ instanceId: 'to-suspend', runtimeStatus: 'Running' }),
      ]),
    );
    expect(await client(host, 'createHttpManagementPayload', 'some id')).toMatchObject({
      id: 'some id',
      purgeHistoryDeleteUri: expect.stringContaining('/instances/'),
    });
    expect(await client(host, 'purgeInstanceHistory', 'nobody')).toEqual({ instancesDeleted: 0 });
    await expect(client(host, 'purgeInstanceHistory', 'to-suspend')).rejects.toThrow(/412.*Running/);
    expect(await client(host, 'purgeInstanceHistory', 'to-purge')).toEqual({ instancesDeleted: 1 });
  });
});
