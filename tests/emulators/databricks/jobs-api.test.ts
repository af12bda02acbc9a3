import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientOf, startWorkspace, wheelTask } from './workspace.ts';

let workspace: Awaited<ReturnType<typeof startWorkspace>>;
let client: ReturnType<typeof clientOf>;
beforeAll(async () => {
  workspace = await startWorkspace();
  client = clientOf(workspace.url);
});
afterAll(() => workspace.close());

const getJob = async (jobId: number) =>
  (await client.ok('GET', `get?job_id=${jobId}`)) as { settings: Record<string, unknown>; job_id: number };

describe('saved jobs', () => {
  test('a created job is given back with the fields that the emulator does not use', async () => {
    const task = { ...wheelTask('count'), libraries: [{ whl: '/Volumes/a.whl' }], environment_key: 'default' };
    const jobId = await client.create({ name: 'nightly', tasks: [task], tags: { team: 'data' } });
    const job = await getJob(jobId);
    expect(String(jobId)).toMatch(/^\d{15}$/);
    expect(job.settings).toMatchObject({
      name: 'nightly',
      tasks: [task],
      tags: { team: 'data' },
      max_concurrent_runs: 1,
    });
  });

  test('reset replaces all settings, update only the given ones, and lists are merged by their keys', async () => {
    const jobId = await client.create({ name: 'old', tasks: [wheelTask('count')], tags: { a: 'b' } });
    await client.ok('POST', 'reset', { job_id: jobId, new_settings: { name: 'new', tasks: [wheelTask('count')] } });
    expect((await getJob(jobId)).settings).not.toHaveProperty('tags');
    await client.ok('POST', 'update', {
      job_id: String(jobId),
      new_settings: { tasks: [wheelTask('fail')], max_concurrent_runs: 3 },
      fields_to_remove: ['tasks/count'],
    });
    const { settings } = await getJob(jobId);
    expect(settings).toMatchObject({ name: 'new', max_concurrent_runs: 3 });
    expect(settings.tasks).toEqual([wheelTask('fail')]);
  });

  test('the list is newest first, in pages, and can be filtered by name', async () => {
    const name = `listed-${Math.random()}`;
    const ids: number[] = [];
    for (let count = 0; count < 3; count += 1) ids.push(await client.create({ name, tasks: [wheelTask('count')] }));
    const page = async (query: string) =>
      (await client.ok('GET', `list?name=${name.toUpperCase()}&limit=2${query}`)) as {
        jobs: { job_id: number }[];
        has_more: boolean;
        next_page_token?: string;
      };
    const first = await page('');
    expect(first).toMatchObject({ jobs: [{ job_id: ids[2] }, { job_id: ids[1] }], has_more: true });
    const second = await page(`&page_token=${first.next_page_token}`);
    expect(second).toMatchObject({ jobs: [{ job_id: ids[0] }], has_more: false });
    expect(await client.ok('GET', 'list?name=nobody')).toEqual({ has_more: false });
  });

  test('a deleted job is gone', async () => {
    const jobId = await client.create({ tasks: [wheelTask('count')] });
    await client.ok('POST', 'delete', { job_id: jobId });
    expect(await client.request('GET', `get?job_id=${jobId}`)).toEqual({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE', message: `Job ${jobId} does not exist.` },
    });
  });

  test('more than a hundred tasks come in pages', async () => {
    const tasks = Array.from({ length: 120 }, (_, index) => ({ ...wheelTask('count'), task_key: `t${index}` }));
    const jobId = await client.create({ tasks });
    const first = (await client.ok('GET', `get?job_id=${jobId}`)) as {
      settings: { tasks: [] };
      next_page_token: string;
    };
    expect(first.settings.tasks).toHaveLength(100);
    const second = (await client.ok('GET', `get?job_id=${jobId}&page_token=${first.next_page_token}`)) as typeof first;
    expect(second.settings.tasks).toHaveLength(20);
    expect(second).not.toHaveProperty('next_page_token');
  });
});

describe('what is refused', () => {
  const refusals: [string, object, RegExp][] = [
    [
      'a task type that is not run here',
      { tasks: [{ task_key: 'n', notebook_task: {} }] },
      /does not run notebook_task/,
    ],
    [
      'a dependency on nothing',
      { tasks: [wheelTask('count', [], { depends_on: [{ task_key: 'x' }] })] },
      /unknown task x/,
    ],
    ['a cycle', { tasks: [wheelTask('count', [], { depends_on: [{ task_key: 'count' }] })] }, /cycle: count -> count/],
    ['the same key twice', { tasks: [wheelTask('count'), wheelTask('count')] }, /unique/],
    ['an unknown cluster', { tasks: [wheelTask('count', [], { job_cluster_key: 'big' })] }, /job cluster big/],
    ['a wrong run_if', { tasks: [wheelTask('count', [], { run_if: 'SOMETIMES' })] }, /run_if must be one of/],
    ['an extra kind of list', { tasks: 'count' }, /tasks must be a list/],
  ];
  for (const [what, settings, message] of refusals) {
    test(`${what} is a 400 that says so`, async () => {
      const { status, body } = await client.request('POST', 'create', settings);
      expect(status).toBe(400);
      expect(body).toMatchObject({
        error_code: 'INVALID_PARAMETER_VALUE',
        message: expect.stringMatching(message) as unknown,
      });
    });
  }

  test('no token is 401, a wrong one 403, both in the error shape of the service', async () => {
    expect(await client.request('GET', 'list', undefined, '')).toMatchObject({
      status: 401,
      body: { error_code: 'UNAUTHENTICATED' },
    });
    expect(await client.request('GET', 'list', undefined, 'dapi-wrong')).toMatchObject({
      status: 403,
      body: { error_code: 'PERMISSION_DENIED' },
    });
  });

  test('an unknown run is a 400 by the text that SDKs look for', async () => {
    for (const [method, path, body] of [
      ['GET', 'runs/get?run_id=5', undefined],
      ['GET', 'runs/get-output?run_id=5', undefined],
      ['POST', 'runs/cancel', { run_id: 5 }],
      ['POST', 'runs/delete', { run_id: 5 }],
    ] as const) {
      expect(await client.request(method, path, body)).toEqual({
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'Run 5 does not exist.' },
      });
    }
  });

  test('unknown paths are 404 ENDPOINT_NOT_FOUND and broken JSON is 400 MALFORMED_REQUEST', async () => {
    expect(await client.request('GET', 'nothing')).toMatchObject({
      status: 404,
      body: { error_code: 'ENDPOINT_NOT_FOUND' },
    });
    const response = await fetch(`${workspace.url}/api/2.1/jobs/create`, {
      method: 'POST',
      headers: { authorization: 'Bearer dapi-of-the-tests' },
      body: '{',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error_code: 'MALFORMED_REQUEST' });
  });
});
