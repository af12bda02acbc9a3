import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { createDatabricks } from '../../../emulators/databricks/index.ts';

// Two cores may be shared with other suites: a start of Python then takes seconds.
jest.setTimeout(40_000);

const ROOT = process.cwd();
export const PYTHON = join(ROOT, '.venv/bin/python');
export const BUNDLE = join(ROOT, 'tests/emulators/databricks/bundle');
export const TOKEN = 'dapi-of-the-tests';

/** A new empty folder. */
export const newFolder = () => mkdtempSync(join(tmpdir(), 'databricks-test-'));

/** A workspace inside this process. */
export const startWorkspace = (data = newFolder(), maxParallelTasks = 2) =>
  createDatabricks({
    port: 0,
    data,
    tokens: [TOKEN],
    python: PYTHON,
    pythonpath: [join(BUNDLE, 'src')],
    bundleRoot: BUNDLE,
    maxParallelTasks,
  });

/** A workspace in a process of its own, which can be killed. */
export async function spawnWorkspace(
  data: string,
  env: Record<string, string> = {},
  more: string[] = [],
): Promise<{ url: string; process: ChildProcess }> {
  const options = ['--port', '0', '--data', data, '--python', PYTHON, '--pythonpath', join(BUNDLE, 'src'), ...more];
  const child = spawn(process.execPath, ['emulators/databricks/cli.ts', ...options], {
    cwd: ROOT,
    env: { ...process.env, DATABRICKS_TOKEN: TOKEN, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('listening on ')) return { url: line.slice('listening on '.length), process: child };
  }
  throw new Error('the emulator ended before it listened');
}

/** Ends a process for good and waits until it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await gone;
}

export interface State {
  life_cycle_state: string;
  result_state?: string;
  state_message: string;
}

export interface Task {
  task_key: string;
  run_id: number;
  attempt_number: number;
  start_time: number;
  end_time: number;
  state: State;
  status: { state: string; termination_details?: { code: string; type: string } };
}

export interface Run extends Task {
  job_id: number;
  tasks: Task[];
  job_parameters?: { name: string; default?: string; value: string }[];
  repair_history?: { id?: number; type: string; task_run_ids: number[]; state: State }[];
}

export interface Output {
  logs?: string;
  error?: string;
  error_trace?: string;
}

/** A plain client of the Jobs API. */
export function clientOf(url: string, version = '2.2') {
  const request = async (method: string, path: string, body?: object, token: string | undefined = TOKEN) => {
    const response = await fetch(`${url}/api/${version}/jobs/${path}`, {
      method,
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const ok = async (method: string, path: string, body?: object) => {
    const response = await request(method, path, body);
    if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(response.body)}`);
    return response.body;
  };
  const get = async (runId: number) => (await ok('GET', `runs/get?run_id=${runId}&include_history=true`)) as Run;
  const until = async (runId: number, isReached: (run: Run) => boolean) => {
    for (let tries = 0; tries < 1000; tries += 1) {
      const run = await get(runId);
      if (isReached(run)) return run;
      await sleep(20);
    }
    throw new Error(`run ${runId} did not get there: ${JSON.stringify(await get(runId))}`);
  };
  return {
    request,
    ok,
    get,
    until,
    ended: (runId: number) => until(runId, (run) => run.end_time > 0),
    create: async (settings: object) => ((await ok('POST', 'create', settings)) as { job_id: number }).job_id,
    runNow: async (body: object) => ((await ok('POST', 'run-now', body)) as { run_id: number }).run_id,
    submit: async (body: object) => ((await ok('POST', 'runs/submit', body)) as { run_id: number }).run_id,
    output: async (runId: number) => (await ok('GET', `runs/get-output?run_id=${runId}`)) as Output,
  };
}

/** A task of the sample package. */
export const wheelTask = (entryPoint: string, parameters: string[] = [], more: object = {}) => ({
  task_key: entryPoint,
  python_wheel_task: { package_name: 'sample_jobs', entry_point: entryPoint, parameters },
  ...more,
});

/** The result of each task's latest attempt. */
export const resultsOf = (run: Run) =>
  Object.fromEntries(run.tasks.map((task) => [task.task_key, task.state.result_state]));
