import { expect, test } from '@jest/globals';
import { activity, after, FACTORY, GROUP, newFactory } from './factory.ts';

const fail = (name: string, more = {}) => activity(name, 'Fail', { message: `${name} broke`, errorCode: '42' }, more);
const ok = (name: string, more = {}) => activity(name, 'Wait', { waitTimeInSeconds: 0 }, more);
const set = (name: string, variableName: string, value: unknown, more = {}) =>
  activity(name, 'SetVariable', { variableName, value }, more);

test('try-catch succeeds, if-else with both branches fails on error, if-skip-else succeeds', async () => {
  await using factory = await newFactory();
  await factory.put('try-catch', { activities: [fail('a'), ok('caught', after('a', 'Failed'))] });
  await factory.put('if-else', { activities: [fail('a'), ok('good', after('a')), ok('bad', after('a', 'Failed'))] });
  await factory.put('if-skip-else', {
    activities: [fail('a'), ok('good', after('a')), ok('bad', after('good', 'Skipped'))],
  });
  await factory.put('completed', { activities: [fail('a'), ok('always', after('a', 'Completed'))] });
  const status = async (name: string) => (await factory.run(name)).status;
  expect(await Promise.all(['try-catch', 'if-else', 'if-skip-else', 'completed'].map(status))).toEqual([
    'Succeeded',
    'Failed',
    'Succeeded',
    'Succeeded',
  ]);
});

test('a generic handler on Failed or Skipped sees the failure of any earlier step, and a Fail keeps the run red', async () => {
  await using factory = await newFactory();
  await factory.put('p', {
    activities: [
      fail('first'),
      ok('last', after('first')),
      ok('handle', after('last', 'Failed', 'Skipped')),
      activity(
        'stop',
        'Fail',
        { message: "@concat('because: ', activity('first').error.message)", errorCode: 'E1' },
        after('handle'),
      ),
    ],
  });
  const run = await factory.run('p');
  expect(run).toMatchObject({ status: 'Failed', message: 'Operation on target stop failed: because: first broke' });
  const runs = await factory.activities(run.runId ?? '');
  expect(Object.fromEntries(runs.map(({ activityName, status }) => [activityName, status]))).toEqual({
    first: 'Failed',
    last: 'Skipped',
    handle: 'Succeeded',
    stop: 'Failed',
  });
  expect(runs.at(-1)?.error).toMatchObject({ errorCode: 'E1', failureType: 'UserError', target: 'stop' });
});

test('ForEach runs every item although one fails; the iterations see item() and their own activities', async () => {
  await using factory = await newFactory();
  await factory.put('p', {
    variables: { seen: { type: 'Array' } },
    activities: [
      activity('each', 'ForEach', {
        items: { value: '@range(1, 4)', type: 'Expression' },
        isSequential: true,
        activities: [
          activity('note', 'AppendVariable', { variableName: 'seen', value: '@mul(item(), 10)' }),
          activity(
            'check',
            'IfCondition',
            {
              expression: { value: '@equals(item(), 2)', type: 'Expression' },
              ifTrueActivities: [fail('two')],
            },
            after('note'),
          ),
        ],
      }),
      set('copy', 'seen', "@union(variables('seen'), createArray(99))", after('each', 'Failed')),
    ],
  });
  const run = await factory.run('p');
  expect(run.status).toBe('Succeeded');
  const runs = await factory.activities(run.runId ?? '');
  expect(runs.find(({ activityName }) => activityName === 'copy')?.output).toMatchObject({
    value: [10, 20, 30, 40, 99],
  });
  expect(runs.filter(({ activityName }) => activityName === 'check').map(({ status }) => status)).toEqual([
    'Succeeded',
    'Failed',
    'Succeeded',
    'Succeeded',
  ]);
  expect(runs.find(({ activityName }) => activityName === 'each')?.error).toMatchObject({
    message: expect.stringContaining('Inner activity name: check'),
  });
});

test('Until repeats until its expression holds; Switch takes the case; Filter filters', async () => {
  await using factory = await newFactory();
  await factory.put('p', {
    variables: { list: { type: 'Array' }, way: { type: 'String' } },
    activities: [
      activity('until', 'Until', {
        expression: { value: "@equals(length(variables('list')), 3)", type: 'Expression' },
        activities: [activity('add', 'AppendVariable', { variableName: 'list', value: "@length(variables('list'))" })],
      }),
      activity('filter', 'Filter', { items: "@variables('list')", condition: '@greater(item(), 0)' }, after('until')),
      activity(
        'switch',
        'Switch',
        {
          on: "@string(activity('filter').output.FilteredItemsCount)",
          cases: [{ value: '2', activities: [set('two', 'way', "two of @{activity('filter').output.ItemsCount}")] }],
          defaultActivities: [fail('other')],
        },
        after('filter'),
      ),
    ],
  });
  const run = await factory.run('p');
  const runs = await factory.activities(run.runId ?? '');
  expect(run.status).toBe('Succeeded');
  expect(runs.filter(({ activityName }) => activityName === 'add')).toHaveLength(3);
  expect(runs.find(({ activityName }) => activityName === 'filter')?.output).toEqual({
    ItemsCount: 3,
    FilteredItemsCount: 2,
    Value: [1, 2],
  });
  expect(runs.find(({ activityName }) => activityName === 'two')?.output).toMatchObject({ value: 'two of 3' });
});

test('ExecutePipeline passes parameters, waits and gets the return value; a failure comes up', async () => {
  await using factory = await newFactory();
  await factory.put('inner', {
    parameters: { n: { type: 'int' } },
    activities: [
      activity('ret', 'SetVariable', {
        variableName: 'pipelineReturnValue',
        setSystemVariable: true,
        value: [{ key: 'twice', value: { type: 'Expression', content: '@mul(pipeline().parameters.n, 2)' } }],
      }),
      activity(
        'big',
        'IfCondition',
        { expression: '@greater(pipeline().parameters.n, 10)', ifTrueActivities: [fail('toobig')] },
        after('ret'),
      ),
    ],
  });
  const call = (n: unknown) =>
    activity('call', 'ExecutePipeline', {
      pipeline: { referenceName: 'inner', type: 'PipelineReference' },
      waitOnCompletion: true,
      parameters: { n },
    });
  await factory.put('outer', { parameters: { n: { type: 'int' } }, activities: [call('@pipeline().parameters.n')] });
  const good = await factory.run('outer', { n: 4 });
  const [called] = await factory.activities(good.runId ?? '');
  expect(called?.output).toMatchObject({ pipelineName: 'inner', pipelineReturnValue: { twice: 8 } });
  const inner = await factory.client.pipelineRuns.get(GROUP, FACTORY, String(called?.output.pipelineRunId));
  expect(inner.invokedBy).toMatchObject({ invokedByType: 'PipelineActivity', pipelineRunId: good.runId });
  const bad = await factory.run('outer', { n: 11 });
  expect(bad).toMatchObject({ status: 'Failed', message: expect.stringContaining('toobig broke') });
});

test('concurrency queues runs; cancel ends a running and a queued one, recursively', async () => {
  await using factory = await newFactory();
  await factory.put('slow', { concurrency: 1, activities: [activity('w', 'Wait', { waitTimeInSeconds: 600 })] });
  await factory.put('outer', {
    activities: [
      activity('call', 'ExecutePipeline', {
        pipeline: { referenceName: 'slow', type: 'PipelineReference' },
        waitOnCompletion: true,
      }),
    ],
  });
  const first = await factory.start('outer');
  await until(async () => (await factory.activities(first)).length === 1);
  const second = await factory.start('slow');
  await until(async () => (await factory.client.pipelineRuns.get(GROUP, FACTORY, second)).status === 'Queued');
  await factory.client.pipelineRuns.cancel(GROUP, FACTORY, first, { isRecursive: true });
  expect((await factory.ended(first)).status).toBe('Cancelled');
  // The place of the child that was cancelled is free now.
  await until(async () => (await factory.activities(second)).length === 1);
  await factory.client.pipelineRuns.cancel(GROUP, FACTORY, second);
  expect((await factory.ended(second)).status).toBe('Cancelled');
  expect((await factory.activities(second))[0]?.status).toBe('Cancelled');
});

test('a policy retries, times out and hides; each attempt is a row', async () => {
  await using factory = await newFactory();
  const web = (name: string, url: string, policy: object) =>
    activity(name, 'WebActivity', { method: 'GET', url }, { policy });
  await factory.put('retried', {
    activities: [web('w', 'http://127.0.0.1:1/', { retry: 2, retryIntervalInSeconds: 0, secureInput: true })],
  });
  const run = await factory.run('retried');
  const runs = await factory.activities(run.runId ?? '');
  expect(run.status).toBe('Failed');
  expect(runs.map(({ status, retryAttempt, input }) => [status, retryAttempt, input])).toEqual([
    ['Failed', null, null],
    ['Failed', 1, null],
    ['Failed', 2, null],
  ]);
});

test('an inactive activity counts as what it is marked as', async () => {
  await using factory = await newFactory();
  await factory.put('p', {
    activities: [
      fail('a', { state: 'Inactive', onInactiveMarkAs: 'Succeeded' }),
      fail('b', { state: 'Inactive', onInactiveMarkAs: 'Failed' }),
      ok('c', after('b', 'Failed')),
    ],
  });
  expect((await factory.run('p')).status).toBe('Succeeded');
});

test('a rerun from the failed activity joins the group and does not repeat what succeeded', async () => {
  await using factory = await newFactory();
  const definition = (broken: boolean) => ({
    parameters: { p: { type: 'string', defaultValue: 'x' } },
    variables: { v: { type: 'String' }, w: { type: 'String' } },
    activities: [
      set('first', 'v', "@concat(pipeline().parameters.p, '-', pipeline().RunId)"),
      broken ? fail('second', after('first')) : set('second', 'w', "@{variables('v')}!", after('first')),
    ],
  });
  await factory.put('p', definition(true));
  const failed = await factory.run('p', { p: 'mine' });
  expect(failed.status).toBe('Failed');
  await factory.put('p', definition(false));
  const { runId } = await factory.client.pipelines.createRun(GROUP, FACTORY, 'p', {
    referencePipelineRunId: failed.runId ?? '',
    isRecovery: true,
    startFromFailure: true,
  });
  const rerun = await factory.ended(runId);
  expect(rerun).toMatchObject({
    status: 'Succeeded',
    runGroupId: failed.runGroupId,
    isLatest: true,
    parameters: { p: 'mine' },
  });
  const second = (await factory.activities(runId)).find(({ activityName }) => activityName === 'second');
  expect(second?.output).toMatchObject({ value: `mine-${failed.runId}!` });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not come to that within 4 seconds');
}
