import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { client, finished, run, start, status, until, webhook } from './durable-client.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from './start-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost('durable', newFolder(), { args: ['--log-level', 'error'] });
  await run(host, 'chain', ['x'], 'over');
  await start(host, 'approval', 60_000, 'open');
  await until(host, 'open', 'Running');
});
afterAll(cleanUp);

/** Asks the management API as anybody with the key may. */
const ask = (path: string, init?: RequestInit) => fetch(webhook(host, path), init);

describe('managing instances', () => {
  test('an instance id is refused while it runs, and can be used again afterwards', async () => {
    await start(host, 'approval', 60_000, 'once');
    const second = await ask('orchestrators/approval/once', { method: 'POST', body: '50' });
    expect(second.status).toBe(409);
    await client(host, 'terminate', 'once', 'done with it');
    expect(await until(host, 'once', 'Terminated')).toMatchObject({ output: 'done with it' });
    expect(await run(host, 'approval', 20, 'once')).toBe('timed out');
    const history = (await (await ask('instances/once?showHistory=true')).json()) as {
      historyEvents: { EventType: string }[];
    };
    expect(history.historyEvents.filter(({ EventType }) => EventType === 'ExecutionStarted')).toHaveLength(1);
  });

  test('a suspended instance waits, keeps its events, and goes on when it is resumed', async () => {
    const id = await start(host, 'approval', 60_000);
    await client(host, 'suspend', id, 'wait');
    await until(host, id, 'Suspended');
    await client(host, 'raiseEvent', id, 'approved', 1);
    expect((await ask(`instances/${id}/suspend?reason=x`, { method: 'POST' })).status).toBe(500);
    expect((await status(host, id)).runtimeStatus).toBe('Suspended');
    await client(host, 'resume', id, 'go');
    expect((await finished(host, id)).output).toEqual({ value: 1, later: 'Hello approved!' });
  });

  test('the history tells what ran, with outputs if wanted', async () => {
    const id = await start(host, 'chain', ['Ann']);
    await finished(host, id);
    const answer = await ask(`instances/${id}?showHistory=true&showHistoryOutput=true`);
    const { historyEvents } = (await answer.json()) as { historyEvents: Record<string, unknown>[] };
    expect(historyEvents.map(({ EventType }) => EventType)).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      'ExecutionCompleted',
    ]);
    expect(historyEvents[1]).toMatchObject({ FunctionName: 'hello', Result: 'Hello Ann!' });
  });

  test('instances are listed in pages, by status and prefix, and purged', async () => {
    const ids = ['page-1', 'page-2', 'page-3'];
    for (const id of ids) {
      await start(host, 'chain', ['x'], id);
      await finished(host, id);
    }
    const first = await ask('instances/?instanceIdPrefix=page-&top=2&runtimeStatus=Completed');
    const token = first.headers.get('x-ms-continuation-token') ?? '';
    const rest = await ask('instances/?instanceIdPrefix=page-&top=2&runtimeStatus=Completed', {
      headers: { 'x-ms-continuation-token': token },
    });
    const pages = [
      ...((await first.json()) as { instanceId: string }[]),
      ...((await rest.json()) as { instanceId: string }[]),
    ];
    expect(pages.map(({ instanceId }) => instanceId)).toEqual(ids);
    expect(await client(host, 'getStatusBy', { runtimeStatus: ['Completed'] })).toEqual(
      expect.arrayContaining([expect.objectContaining({ instanceId: 'page-3' })]),
    );
    expect(await client(host, 'purgeInstanceHistory', 'page-1')).toEqual({ instancesDeleted: 1 });
    expect((await ask('instances/page-1')).status).toBe(404);
    const purged = await ask('instances/?instanceIdPrefix=page-&createdTimeFrom=2020-01-01T00:00:00Z', {
      method: 'DELETE',
    });
    expect(await purged.json()).toEqual({ instancesDeleted: 2 });
  });

  test('a failed instance is rewound: what failed runs again, what succeeded does not', async () => {
    const id = await start(host, 'brokenParent', null, 'mend-me');
    expect((await finished(host, id)).runtimeStatus).toBe('Failed');
    const mended = await start(host, 'repair');
    await finished(host, mended);
    await client(host, 'rewind', id, 'repaired');
    expect(await finished(host, id)).toMatchObject({ runtimeStatus: 'Completed', output: { result: 'mended' } });
    const { historyEvents } = (await (await ask(`instances/${id}-child?showHistory=true`)).json()) as {
      historyEvents: { FunctionName?: string }[];
    };
    expect(historyEvents.map(({ FunctionName }) => FunctionName).filter(Boolean)).toEqual([
      'broken',
      'slow',
      'needsMending',
    ]);
  });

  test('an instance can be started again with its input, under a new id', async () => {
    await run(host, 'chain', ['again'], 'first-run');
    const answer = await ask('instances/first-run/restart', { method: 'POST' });
    const { id } = (await answer.json()) as { id: string };
    expect((await finished(host, id)).output).toEqual(['Hello again!']);
  });

  test('an instance can be started again under its own id once it is over', async () => {
    await run(host, 'chain', ['same'], 'same-id');
    const created = (await status(host, 'same-id')).createdTime;
    const again = (id: string) => ask(`instances/${id}/restart?restartWithNewInstanceId=false`, { method: 'POST' });
    const answer = await again('same-id');
    expect([answer.status, ((await answer.json()) as { id: string }).id]).toEqual([202, 'same-id']);
    expect(await finished(host, 'same-id')).toMatchObject({ output: ['Hello same!'], input: ['same'] });
    expect(Date.parse((await status(host, 'same-id')).createdTime)).toBeGreaterThanOrEqual(Date.parse(created));
    const refused = await again('open');
    expect([refused.status, await refused.json()]).toEqual([409, { Message: expect.stringContaining('non-terminal') }]);
  });

  test('instances are purged by time and status, and others stay', async () => {
    const from = { createdTimeFrom: new Date(Date.now() - 60_000).toISOString(), runtimeStatus: ['Terminated'] };
    await start(host, 'approval', 60_000, 'to-terminate');
    await client(host, 'terminate', 'to-terminate', 'x');
    await until(host, 'to-terminate', 'Terminated');
    expect(await client(host, 'purgeInstanceHistoryBy', from)).toEqual({ instancesDeleted: 1 });
    expect(await client(host, 'purgeInstanceHistoryBy', from)).toEqual({ instancesDeleted: 0 });
    expect((await status(host, 'over')).runtimeStatus).toBe('Completed');
  });

  test('the webhook waits for the result when it is told to', async () => {
    const answer = await ask('orchestrators/chain?timeout=5&pollingInterval=1', {
      method: 'POST',
      body: '["Eve"]',
    });
    expect([answer.status, await answer.json()]).toEqual([200, ['Hello Eve!']]);
  });

  const text = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' };
  test.each<[string, string, RequestInit, number, unknown]>([
    ['an unknown instance', 'instances/nobody', {}, 404, ''],
    ['terminating nobody', 'instances/nobody/terminate?reason=x', { method: 'POST' }, 404, ''],
    ['suspending nobody', 'instances/nobody/suspend', { method: 'POST' }, 404, ''],
    ['an event to nobody', 'instances/nobody/raiseEvent/x', { method: 'POST' }, 404, ''],
    ['rewinding nobody', 'instances/nobody/rewind', { method: 'POST' }, 404, expect.stringContaining('"nobody"')],
    [
      'restarting nobody',
      'instances/nobody/restart',
      { method: 'POST' },
      400,
      { Message: expect.stringContaining('nobody') },
    ],
    ['purging nobody', 'instances/nobody', { method: 'DELETE' }, 404, ''],
    ['an event without a name', 'instances/over/raiseEvent', { method: 'POST' }, 404, ''],
    ['terminating what is over', 'instances/over/terminate', { method: 'POST' }, 410, ''],
    ['suspending what is over', 'instances/over/suspend', { method: 'POST' }, 410, ''],
    ['an event to what is over', 'instances/over/raiseEvent/x', text, 410, ''],
    [
      'rewinding what succeeded',
      'instances/over/rewind',
      { method: 'POST' },
      412,
      expect.stringContaining('Completed'),
    ],
    ['purging what runs', 'instances/open', { method: 'DELETE' }, 412, expect.stringContaining('Running')],
    [
      'resuming what runs',
      'instances/open/resume',
      { method: 'POST' },
      500,
      { Message: expect.stringContaining('Running') },
    ],
    [
      'an event that is no JSON by its type',
      'instances/open/raiseEvent/x',
      text,
      400,
      { Message: expect.stringContaining('application/json') },
    ],
    [
      'an event that is no JSON',
      'instances/open/raiseEvent/x',
      { ...text, headers: { 'content-type': 'application/json' } },
      400,
      { Message: 'Invalid JSON content' },
    ],
    ['an unknown operation', 'instances/open/dance', { method: 'POST' }, 404, ''],
    [
      'an unknown function',
      'orchestrators/nothing',
      { method: 'POST' },
      400,
      { Message: expect.stringContaining("'nothing'") },
    ],
    [
      'an input that is no JSON',
      'orchestrators/chain',
      { method: 'POST', body: '{' },
      400,
      { Message: 'Invalid JSON content' },
    ],
    [
      'an id that looks like an entity',
      'orchestrators/chain/@bad',
      { method: 'POST' },
      400,
      { Message: expect.stringContaining('@') },
    ],
    [
      'an id that is too long',
      `orchestrators/chain/${'x'.repeat(257)}`,
      { method: 'POST' },
      400,
      { Message: expect.stringContaining('256') },
    ],
    [
      'an interval beyond the timeout',
      'orchestrators/chain?timeout=1&pollingInterval=2',
      { method: 'POST' },
      400,
      { Message: expect.stringContaining('timeout 1') },
    ],
    ['purging without a time', 'instances/', { method: 'DELETE' }, 400, expect.stringContaining('createdTimeFrom')],
    [
      'purging where there is nothing',
      'instances/?createdTimeFrom=2999-01-01T00:00:00Z',
      { method: 'DELETE' },
      404,
      '',
    ],
    ['an unknown entity', 'entities/Counter/nobody', {}, 404, ''],
    [
      'a signal to an unknown entity function',
      'entities/Nothing/x?op=add',
      { method: 'POST' },
      400,
      { Message: expect.stringContaining("'Nothing'") },
    ],
    [
      'another task hub',
      'instances/open?taskHub=elsewhere',
      {},
      404,
      { Message: expect.stringContaining("'elsewhere'") },
    ],
    ['an unknown collection', 'things/', {}, 404, ''],
  ])('%s: %s', async (_what, path, init, expected, body) => {
    const answer = await ask(path, init);
    const given = await answer.text();
    expect([answer.status, given === '' ? '' : JSON.parse(given)]).toEqual([expected, body]);
  });

  test('the webhooks ask for a key', async () => {
    expect((await fetch(`${host.url}/runtime/webhooks/durabletask/instances/`)).status).toBe(401);
    const wrong = await fetch(`${host.url}/runtime/webhooks/durabletask/instances/?code=${host.keys.hostDefault}`);
    expect(wrong.status).toBe(401);
  });

  test('the history shows inputs as text, and what is still open', async () => {
    const answer = await ask('instances/open?showHistory=true');
    const { historyEvents } = (await answer.json()) as { historyEvents: Record<string, unknown>[] };
    expect(historyEvents).toEqual([
      { EventType: 'ExecutionStarted', Timestamp: expect.any(String), FunctionName: 'approval', Input: '60000' },
      { EventType: 'TimerCreated', Timestamp: expect.any(String), FireAt: expect.any(String) },
    ]);
    const without = await ask('instances/over?showHistory=true&showInput=false');
    const status = (await without.json()) as { input: unknown; historyEvents: Record<string, unknown>[] };
    expect([status.input, ...status.historyEvents.map((event) => 'Input' in event)]).toEqual([
      null,
      false,
      false,
      false,
    ]);
  });

  test('a failure of an instance that is waited for is told as such only if one asks for it', async () => {
    const body = JSON.stringify({ name: 'x', fail: true });
    const told = await ask('orchestrators/child?timeout=5', { method: 'POST', body });
    const error = await ask('orchestrators/child?timeout=5&returnInternalServerErrorOnFailure=true', {
      method: 'POST',
      body,
    });
    expect([told.status, error.status]).toEqual([200, 500]);
    expect(await told.json()).toMatchObject({ runtimeStatus: 'Failed', output: expect.stringContaining('child x') });
  });

  test('entities are listed by name and time, with their states if wanted', async () => {
    for (const key of ['list-a', 'list-b']) {
      await client(host, 'signalEntity', { entity: ['Tally', key] }, 'add', 3);
    }
    await eventually(
      async () => ((await ask('entities/Tally/list-b')).ok ? true : undefined),
      'the state of the second entity',
    );
    const first = await ask('entities/tally?fetchState=true&top=1');
    const token = first.headers.get('x-ms-continuation-token') ?? '';
    const second = await ask('entities/tally?top=1', { headers: { 'x-ms-continuation-token': token } });
    expect([await first.json(), await second.json(), second.headers.get('x-ms-continuation-token')]).toEqual([
      [{ entityId: { name: 'tally', key: 'list-a' }, lastOperationTime: expect.any(String), state: 3 }],
      [{ entityId: { name: 'tally', key: 'list-b' }, lastOperationTime: expect.any(String), state: null }],
      null,
    ]);
    expect(await (await ask('entities/?lastOperationTimeFrom=2999-01-01T00:00:00Z')).json()).toEqual([]);
  });

  test('an entity is purged with its state, and begins anew', async () => {
    const key = { entity: ['Counter', 'gone'] };
    await client(host, 'signalEntity', key, 'add', 1);
    await eventually(async () => ((await ask('entities/Counter/gone')).ok ? true : undefined), 'the state');
    const purged = await ask('instances/@counter@gone', { method: 'DELETE' });
    expect([purged.status, await purged.json()]).toEqual([200, { instancesDeleted: 1 }]);
    expect((await ask('entities/Counter/gone')).status).toBe(404);
    expect((await ask('instances/@counter@gone', { method: 'DELETE' })).status).toBe(404);
    await client(host, 'signalEntity', key, 'add', 7);
    await eventually(async () => ((await ask('entities/Counter/gone')).ok ? true : undefined), 'the new state');
    expect(await client(host, 'readEntityState', key)).toEqual({ entityExists: true, entityState: 7 });
  });
});
