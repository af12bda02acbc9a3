import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { clientOf, killHard, newFolder, spawnWorkspace, startWorkspace, wheelTask } from './workspace.ts';

const running: Awaited<ReturnType<typeof spawnWorkspace>>[] = [];
afterEach(() => Promise.all(running.splice(0).map((each) => killHard(each.process))));

const spawned = async (data: string) => {
  const workspace = await spawnWorkspace(data);
  running.push(workspace);
  return { ...workspace, client: clientOf(workspace.url) };
};
const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

describe('after kill -9 of the emulator', () => {
  test('its tasks die with it, and the run goes on under the same id with a further attempt', async () => {
    const data = newFolder();
    const file = join(newFolder(), 'ticks');
    const before = await spawned(data);
    const done = await before.client.submit({ tasks: [wheelTask('count')], idempotency_token: 'done' });
    const ended = await before.client.ended(done);
    const logs = (await before.client.output(ended.tasks[0]?.run_id ?? 0)).logs;
    const task = wheelTask('tick_once_interrupted', [file, '{{task_retry_count}}']);
    const downstream = wheelTask('count', [], { depends_on: [{ task_key: 'tick_once_interrupted' }] });
    const active = await before.client.submit({ tasks: [task, downstream], idempotency_token: 'active' });
    await before.client.until(active, () => sizeOf(`${file}.sub`) > 0);

    await killHard(before.process);
    await sleep(300);
    const sizes = [sizeOf(file), sizeOf(`${file}.sub`)];
    await sleep(400);
    expect([sizeOf(file), sizeOf(`${file}.sub`)]).toEqual(sizes);

    const after = await spawned(data);
    expect(await after.client.submit({ tasks: [task], idempotency_token: 'active' })).toBe(active);
    expect(await after.client.submit({ tasks: [wheelTask('fail')], idempotency_token: 'done' })).toBe(done);
    const recovered = await after.client.ended(active);
    expect(recovered.state.result_state).toBe('SUCCESS');
    const [lost, again, last] = recovered.tasks.toSorted((a, b) => a.start_time - b.start_time);
    expect(lost?.state).toMatchObject({ life_cycle_state: 'INTERNAL_ERROR', result_state: 'FAILED' });
    expect(lost?.status.termination_details).toMatchObject({ code: 'CLUSTER_ERROR', type: 'INTERNAL_ERROR' });
    expect(again).toMatchObject({ attempt_number: 1, state: { result_state: 'SUCCESS' } });
    expect((await after.client.output(again?.run_id ?? 0)).logs).toBe('attempt 1\n');
    expect(last).toMatchObject({ task_key: 'count', attempt_number: 0 });
    expect(sizeOf(file)).toBe(sizes[0]);

    const address = (url: string) => new URL(url).host;
    const same = JSON.stringify(await after.client.get(done)).replaceAll(address(after.url), address(before.url));
    expect(JSON.parse(same)).toEqual(ended);
    expect((await after.client.output(ended.tasks[0]?.run_id ?? 0)).logs).toBe(logs);
  });

  test('a run that was being cancelled is cancelled, and queued ones get their turn', async () => {
    const data = newFolder();
    const file = join(newFolder(), 'ticks');
    const before = await spawned(data);
    const jobId = await before.client.create({ tasks: [wheelTask('nap', [file, '60'])], queue: { enabled: true } });
    const first = await before.client.runNow({ job_id: jobId });
    const second = await before.client.runNow({ job_id: jobId });
    const stubborn = await before.client.submit({ tasks: [wheelTask('tick', [`${file}.tick`])] });
    await before.client.until(stubborn, () => sizeOf(`${file}.tick`) > 0 && sizeOf(file) > 0);
    await before.client.ok('POST', 'runs/cancel', { run_id: stubborn });
    await killHard(before.process);

    const after = await spawned(data);
    expect((await after.client.ended(stubborn)).state.result_state).toBe('CANCELED');
    await after.client.ok('POST', 'runs/cancel', { run_id: first });
    expect((await after.client.ended(first)).state.result_state).toBe('CANCELED');
    await after.client.until(second, (run) => run.state.life_cycle_state === 'RUNNING');
    await after.client.until(second, () => readFileSync(file, 'utf8').includes('start'));
  });
});

test('an orderly stop leaves with 0, and no second emulator may use the same folder meanwhile', async () => {
  const data = newFolder();
  const { process: child } = await spawned(data);
  await expect(startWorkspace(data)).rejects.toThrow(/is another emulator using it/);
  const code = await new Promise((done) => {
    child.once('exit', done);
    child.kill('SIGTERM');
  });
  expect(code).toBe(0);
});
