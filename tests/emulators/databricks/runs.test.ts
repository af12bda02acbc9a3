import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientOf, newFolder, resultsOf, startWorkspace, wheelTask } from './workspace.ts';

let workspace: Awaited<ReturnType<typeof startWorkspace>>;
let client: ReturnType<typeof clientOf>;
beforeAll(async () => {
  workspace = await startWorkspace(newFolder(), 4);
  client = clientOf(workspace.url);
});
afterAll(() => workspace.close());

const outputOf = async (runId: number) => {
  const run = await client.ended(runId);
  return client.output(run.tasks.at(-1)?.run_id ?? 0);
};
const linesOf = (path: string) => readFileSync(path, 'utf8').trim().split('\n');

describe('a task', () => {
  test('of a wheel finds the ambient Spark session, in UTC', async () => {
    const runId = await client.submit({ run_name: 'once', tasks: [wheelTask('count')] });
    const run = await client.ended(runId);
    expect(run).toMatchObject({
      run_name: 'once',
      run_type: 'SUBMIT_RUN',
      state: { life_cycle_state: 'TERMINATED', result_state: 'SUCCESS' },
      status: { state: 'TERMINATED', termination_details: { code: 'SUCCESS', type: 'SUCCESS' } },
    });
    expect((await client.output(run.tasks[0]?.run_id ?? 0)).logs).toBe('counted 1000 UTC\n');
  });

  test('is found through the scripts of the pyproject.toml, and what it returns does not matter', async () => {
    const task = {
      task_key: 'a',
      python_wheel_task: { package_name: 'Sample.Jobs', entry_point: 'say', parameters: ['ä'] },
    };
    expect(await outputOf(await client.submit({ tasks: [task] }))).toMatchObject({ logs: '["\\u00e4"]\n' });
  });

  test('of a Python file runs as __main__ beside its neighbours, by bundle path or workspace path', async () => {
    for (const path of ['scripts/hello.py', '/Workspace/Users/me/.bundle/landfall/dev/files/scripts/hello.py']) {
      const task = { task_key: 'a', spark_python_task: { python_file: path, parameters: ['1', '2'] } };
      const { logs } = await outputOf(await client.submit({ tasks: [task] }));
      expect(logs).toBe("__main__ hello from next door ['1', '2'] 3\n");
    }
  });

  test('that raises ends FAILED with the error, the trace of its own code and its log', async () => {
    const run = await client.ended(await client.submit({ tasks: [wheelTask('fail')] }));
    expect(run.state).toMatchObject({
      life_cycle_state: 'TERMINATED',
      result_state: 'FAILED',
      state_message: 'Task fail failed with message: Workload failed, see run output for details',
    });
    expect(run.status.termination_details).toMatchObject({ code: 'RUN_EXECUTION_ERROR', type: 'CLIENT_ERROR' });
    const output = await client.output(run.tasks[0]?.run_id ?? 0);
    expect(output.error).toBe('ValueError: the boat is leaking');
    expect(output.error_trace).toMatch(/^Traceback.*\n {2}File ".*sample_jobs\/__init__\.py", line \d+, in fail\n/);
    expect(output.logs).toContain('ValueError: the boat is leaking');
  });

  test('succeeds with exit code 0 and fails with another', async () => {
    const zero = await client.ended(await client.submit({ tasks: [wheelTask('leave', ['0'])] }));
    const three = await client.ended(await client.submit({ tasks: [wheelTask('leave', ['3'])] }));
    expect([zero.state.result_state, three.state.result_state]).toEqual(['SUCCESS', 'FAILED']);
    expect((await client.output(three.tasks[0]?.run_id ?? 0)).error).toBe('SystemExit: 3');
  });

  test('whose process dies fails with a driver error', async () => {
    const run = await client.ended(await client.submit({ tasks: [wheelTask('crash')] }));
    expect(run.tasks[0]?.status.termination_details).toMatchObject({ code: 'DRIVER_ERROR' });
    expect((await client.output(run.tasks[0]?.run_id ?? 0)).error).toMatch(/signal 9/);
  });

  test('that takes the workers down with it is recovered only a few times, and the next run finds new ones', async () => {
    const file = join(newFolder(), 'notes');
    const run = await client.ended(await client.submit({ tasks: [wheelTask('take_down_the_workers', [file])] }));
    expect(run.state).toMatchObject({ life_cycle_state: 'INTERNAL_ERROR', result_state: 'FAILED' });
    expect(run.tasks.map((task) => task.attempt_number)).toEqual([0, 1, 2]);
    expect(linesOf(file)).toHaveLength(3);
    expect((await client.ended(await client.submit({ tasks: [wheelTask('count')] }))).state.result_state).toBe(
      'SUCCESS',
    );
  });

  test('whose code is missing says where it was looked for', async () => {
    const nowhere = await outputOf(await client.submit({ tasks: [wheelTask('nobody')] }));
    expect(nowhere.error).toMatch(
      /Entry point 'nobody' of package 'sample_jobs' was not found: sample_jobs has no nobody/,
    );
    const task = { task_key: 'a', spark_python_task: { python_file: '../../../../etc/passwd' } };
    expect((await outputOf(await client.submit({ tasks: [task] }))).error).toMatch(/not in the bundle root/);
  });
});

describe('parameters', () => {
  test('of the job are substituted into a list, also the facts of the run', async () => {
    const say = { package_name: 'sample-jobs', entry_point: 'say' };
    const parameters = [
      '{{job.parameters.day}}',
      '{{ job.id }}',
      '{{job.run_id}}',
      '{{task.name}}',
      '{{job.parameters.no}}',
    ];
    const jobId = await client.create({
      parameters: [{ name: 'day', default: '2013-01-01' }],
      tasks: [{ task_key: 'talk', python_wheel_task: { ...say, parameters } }],
    });
    const runId = await client.runNow({ job_id: jobId, job_parameters: { day: '2013-12-31' } });
    const { logs = '' } = await outputOf(runId);
    expect(JSON.parse(logs)).toEqual(['2013-12-31', String(jobId), String(runId), 'talk', '{{job.parameters.no}}']);
    expect((await client.get(runId)).job_parameters).toEqual([
      { name: 'day', default: '2013-01-01', value: '2013-12-31' },
    ]);
  });

  test('of the job are pushed down to named parameters, where they win', async () => {
    const named = { day: 'mine', step: '{{task.name}}' };
    const jobId = await client.create({
      parameters: [
        { name: 'day', default: 'yours' },
        { name: 'extra', default: '{{job.run_id}}' },
      ],
      tasks: [
        {
          task_key: 'a',
          python_wheel_task: { package_name: 'sample_jobs', entry_point: 'say', named_parameters: named },
        },
      ],
    });
    const runId = await client.runNow({ job_id: jobId });
    const { logs = '' } = await outputOf(runId);
    expect(JSON.parse(logs)).toEqual(['--day=yours', '--step=a', `--extra=${runId}`]);
  });

  test('given as python_params replace the list of the task', async () => {
    const task = {
      task_key: 'a',
      python_wheel_task: { package_name: 'sample_jobs', entry_point: 'say', parameters: ['old'] },
    };
    const jobId = await client.create({ tasks: [task] });
    const { logs = '' } = await outputOf(await client.runNow({ job_id: jobId, python_params: ['new', 'list'] }));
    expect(JSON.parse(logs)).toEqual(['new', 'list']);
  });
});

describe('several tasks', () => {
  test('run after those that they depend on, and run_if decides after a failure', async () => {
    const file = join(newFolder(), 'notes');
    const step = (key: string, upstream: string[], runIf: string) => ({
      ...wheelTask('note', [file, key], { depends_on: upstream.map((each) => ({ task_key: each })), run_if: runIf }),
      task_key: key,
    });
    const run = await client.ended(
      await client.submit({
        tasks: [
          step('last', ['cleanup', 'skipped'], 'AT_LEAST_ONE_SUCCESS'),
          step('skipped', ['fail'], 'ALL_SUCCESS'),
          step('cleanup', ['fail', 'first'], 'ALL_DONE'),
          step('excluded', ['first'], 'AT_LEAST_ONE_FAILED'),
          step('first', [], 'ALL_SUCCESS'),
          wheelTask('fail'),
        ],
      }),
    );
    expect(resultsOf(run)).toEqual({
      first: 'SUCCESS',
      fail: 'FAILED',
      skipped: 'UPSTREAM_FAILED',
      cleanup: 'SUCCESS',
      excluded: 'EXCLUDED',
      last: 'SUCCESS',
    });
    expect(run.state.result_state).toBe('SUCCESS_WITH_FAILURES');
    expect(linesOf(file)).toEqual(['first', 'cleanup', 'last']);
  });

  test('get-output of the whole run is refused, that of a task is not', async () => {
    const run = await client.ended(await client.submit({ tasks: [wheelTask('count')] }));
    expect(await client.request('GET', `runs/get-output?run_id=${run.tasks[0]?.run_id}`)).toMatchObject({
      status: 200,
    });
    const { status, body } = await client.request(
      'GET',
      `runs/get-output?run_id=${await client.submit({ tasks: [wheelTask('count')] })}`,
    );
    expect(status).toBe(400);
    expect(body).toMatchObject({ message: expect.stringMatching(/multiple tasks is not supported/) as unknown });
  });

  test('only the tasks named in only are run', async () => {
    const jobId = await client.create({ tasks: [wheelTask('count'), wheelTask('fail')] });
    const run = await client.ended(await client.runNow({ job_id: jobId, only: ['count'] }));
    expect(resultsOf(run)).toEqual({ count: 'SUCCESS' });
  });
});

describe('retries and timeouts', () => {
  test('a failed task is tried again after the interval, as a further attempt of the same key', async () => {
    const file = join(newFolder(), 'tries');
    const more = { max_retries: 2, min_retry_interval_millis: 200 };
    const runId = await client.submit({ tasks: [wheelTask('flaky', [file, '3'], more)] });
    await client.until(runId, (run) => run.tasks[1]?.state.life_cycle_state === 'WAITING_FOR_RETRY');
    const run = await client.ended(runId);
    expect(run.state.result_state).toBe('SUCCESS');
    expect(run.tasks.map((task) => [task.attempt_number, task.state.result_state])).toEqual([
      [0, 'FAILED'],
      [1, 'FAILED'],
      [2, 'SUCCESS'],
    ]);
    const [first, second] = run.tasks;
    expect((second?.start_time ?? 0) - (first?.end_time ?? 0)).toBeGreaterThanOrEqual(199);
    expect(linesOf(file)).toHaveLength(3);
  });

  test('a task over its time is killed and TIMEDOUT, and so is a run', async () => {
    const file = join(newFolder(), 'ticks');
    const task = await client.ended(
      await client.submit({ tasks: [wheelTask('tick', [file], { timeout_seconds: 1, max_retries: 3 })] }),
    );
    expect(task.tasks).toHaveLength(1);
    expect(task.tasks[0]?.state.result_state).toBe('TIMEDOUT');
    expect(task.state.result_state).toBe('FAILED');
    const run = await client.ended(await client.submit({ timeout_seconds: 1, tasks: [wheelTask('tick', [file])] }));
    expect(run.state).toMatchObject({ life_cycle_state: 'TERMINATED', result_state: 'TIMEDOUT' });
    expect(run.status.termination_details).toMatchObject({ code: 'CANCELED' });
  });
});

describe('cancel', () => {
  test('goes through TERMINATING to CANCELED, and nothing of the task goes on, its own children included', async () => {
    const file = join(newFolder(), 'ticks');
    const downstream = wheelTask('count', [], { depends_on: [{ task_key: 'tick' }], run_if: 'ALL_DONE' });
    const runId = await client.submit({ tasks: [wheelTask('tick', [file]), downstream] });
    await client.until(runId, () => sizeOf(`${file}.sub`) > 0);
    await client.ok('POST', 'runs/cancel', { run_id: runId });
    expect((await client.get(runId)).state.life_cycle_state).toBe('TERMINATING');
    const run = await client.ended(runId);
    const sizes = [sizeOf(file), sizeOf(`${file}.sub`)];
    expect(run.state).toMatchObject({ life_cycle_state: 'TERMINATED', result_state: 'CANCELED' });
    expect(run.status.termination_details).toMatchObject({ code: 'USER_CANCELED' });
    expect(resultsOf(run)).toEqual({ tick: 'CANCELED', count: 'CANCELED' });
    await new Promise((done) => setTimeout(done, 300));
    expect([sizeOf(file), sizeOf(`${file}.sub`)]).toEqual(sizes);
    await client.ok('POST', 'runs/cancel', { run_id: runId });
    expect((await client.get(runId)).end_time).toBe(run.end_time);
  });
});

describe('the same run', () => {
  test('comes back for the same token, whatever became of it, and a deleted one is an error', async () => {
    const jobId = await client.create({ tasks: [wheelTask('fail')] });
    const token = `t-${Math.random()}`;
    const runId = await client.runNow({ job_id: jobId, idempotency_token: token });
    expect(await client.runNow({ job_id: jobId, idempotency_token: token })).toBe(runId);
    await client.ended(runId);
    expect(await client.runNow({ job_id: jobId, idempotency_token: token })).toBe(runId);
    await client.ok('POST', 'runs/delete', { run_id: runId });
    expect(await client.request('POST', 'run-now', { job_id: jobId, idempotency_token: token })).toMatchObject({
      status: 400,
    });
    expect(await client.request('GET', `runs/get?run_id=${runId}`)).toMatchObject({ status: 400 });
    const long = { job_id: jobId, idempotency_token: 'x'.repeat(65) };
    expect(await client.request('POST', 'run-now', long)).toMatchObject({ status: 400 });
  });

  test('can be repaired: only what failed runs again, under the old run id', async () => {
    const file = join(newFolder(), 'tries');
    const tasks = [
      wheelTask('count'),
      wheelTask('flaky', [file, '3'], { depends_on: [{ task_key: 'count' }] }),
      wheelTask('note', [file, 'after'], { depends_on: [{ task_key: 'flaky' }] }),
    ];
    const runId = await client.submit({ tasks });
    expect(resultsOf(await client.ended(runId))).toEqual({
      count: 'SUCCESS',
      flaky: 'FAILED',
      note: 'UPSTREAM_FAILED',
    });
    const repair = async (more: object) =>
      (await client.ok('POST', 'runs/repair', { run_id: runId, rerun_all_failed_tasks: true, ...more })) as {
        repair_id: number;
      };
    const { repair_id: first } = await repair({});
    expect((await client.ended(runId)).state.result_state).toBe('FAILED');
    expect(await client.request('POST', 'runs/repair', { run_id: runId, rerun_all_failed_tasks: true })).toMatchObject({
      status: 400,
    });
    await repair({ latest_repair_id: first });
    const run = await client.ended(runId);
    expect(run.state.result_state).toBe('SUCCESS');
    expect(run.tasks.filter((task) => task.task_key === 'count')).toHaveLength(1);
    expect(run.repair_history?.map((each) => [each.type, each.state.result_state])).toEqual([
      ['ORIGINAL', 'FAILED'],
      ['REPAIR', 'FAILED'],
      ['REPAIR', 'SUCCESS'],
    ]);
    expect(linesOf(file)).toEqual(['try', 'try', 'try', 'after']);
  });
});

describe('too many runs of a job', () => {
  test('are skipped without a queue and wait their turn with one', async () => {
    const file = join(newFolder(), 'naps');
    const jobId = await client.create({ tasks: [wheelTask('nap', [file, '0.3'])] });
    const first = await client.runNow({ job_id: jobId });
    const skipped = await client.ended(await client.runNow({ job_id: jobId }));
    expect(skipped.state).toMatchObject({
      life_cycle_state: 'SKIPPED',
      result_state: 'MAXIMUM_CONCURRENT_RUNS_REACHED',
    });
    expect(skipped.status.termination_details).toMatchObject({ code: 'MAX_CONCURRENT_RUNS_EXCEEDED' });
    const queued = await client.runNow({ job_id: jobId, queue: { enabled: true } });
    expect((await client.get(queued)).status).toMatchObject({
      state: 'QUEUED',
      queue_details: { code: 'MAX_CONCURRENT_RUNS_REACHED' },
    });
    await client.ended(first);
    expect((await client.ended(queued)).state.result_state).toBe('SUCCESS');
    expect(linesOf(file)).toEqual(['start', 'end', 'start', 'end']);
    const active = await client.ok('GET', `runs/list?job_id=${jobId}&active_only=true`);
    expect(active).toEqual({ has_more: false });
    const list = (await client.ok('GET', `runs/list?job_id=${jobId}&limit=2`)) as { runs: []; next_page_token: string };
    expect(list).toMatchObject({ runs: [{ run_id: queued }, { run_id: skipped.run_id }], has_more: true });
  });
});

function sizeOf(path: string): number {
  try {
    return readFileSync(path).length;
  } catch {
    return 0;
  }
}
