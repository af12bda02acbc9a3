import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type sql from 'mssql';
import { DEFAULTS } from '../../../emulators/power-bi/index.ts';
import { startPool } from '../synapse/pool.ts';
import { type Gate, openGate } from './gate.ts';
import { SMALL_MODEL, SMALL_ROWS } from './small-model.ts';

const CLI = join(import.meta.dirname, '..', '..', '..', 'emulators', 'power-bi', 'cli.ts');

/** A warehouse with the shop in it, behind a gate. */
export interface Shop {
  readonly gate: Gate;
  run(statement: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Synapse emulator with the shop's tables. */
export async function startShop(): Promise<Shop> {
  const pool = await startPool();
  const connection: sql.ConnectionPool = await pool.connect();
  const run = async (statement: string): Promise<void> => {
    await connection.request().batch(statement);
  };
  for (const statement of [
    'CREATE TABLE dbo.product ([key] INT, name NVARCHAR(20), category NVARCHAR(20))',
    'CREATE TABLE dbo.calendar ([date] DATE, month INT, year INT)',
    'CREATE TABLE dbo.sales ([date] DATE, product_key INT, customer NVARCHAR(20), amount FLOAT, paid BIT)',
  ]) {
    await run(statement);
  }
  for (const [table, rows] of Object.entries(SMALL_ROWS)) {
    for (const row of rows) await run(`INSERT INTO dbo.${table} VALUES ${row}`);
  }
  const gate = await openGate(pool.port);
  return {
    gate,
    run,
    async stop() {
      await gate.close();
      await connection.close();
      await pool.stop();
      rmSync(pool.directory, { recursive: true, force: true });
    },
  };
}

/** The emulator as a process of its own. */
export interface Services {
  readonly url: string;
  /** Power BI's dataset and the Analysis Services model. */
  readonly dataset: string;
  readonly model: string;
  /** A request with the token. */
  call(url: string, method?: string, body?: unknown): Promise<{ status: number; headers: Headers; body: Json }>;
  /** Ends the process and gives its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Answers are looked at by tests only. */
export type Json = { readonly [name: string]: Json } & readonly Json[] & string;

/** Makes a folder for the state; `remove` deletes it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'power-bi-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The command line for the shop's model, whose data is behind a port. */
export function commandLine(folder: string, sourcePort: number, port = 0): readonly string[] {
  const model = join(folder, 'model.bim');
  writeFileSync(model, SMALL_MODEL);
  const source = ['--source', `127.0.0.1:${sourcePort}/landfall`, '--source-user', 'landfall'];
  return [CLI, '--port', String(port), '--data', join(folder, 'state'), '--model', model, ...source];
}

/** Runs the command line and gives the process. */
export function spawnCli(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', ...args], {
    env: { ...process.env, POWER_BI_TOKEN: 'token, other-token', SYNAPSE_PASSWORD: 'Local-pass-1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts the emulator over a folder of state, and waits until it listens. */
export async function startServices(folder: string, sourcePort: number): Promise<Services> {
  const child = spawnCli(commandLine(folder, sourcePort));
  const url = await new Promise<string>((resolve, reject) => {
    let [output, errors] = ['', ''];
    child.stderr?.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
      const match = /^listening on (\S+)\n$/.exec(output);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once('exit', () => reject(new Error(`the emulator ended: ${errors}`)));
  });
  return {
    url,
    dataset: `${url}/v1.0/myorg/groups/${DEFAULTS.groupId}/datasets/${DEFAULTS.datasetId}`,
    model: `${url}/servers/${DEFAULTS.server}/models/Shop`,
    async call(to, method = 'GET', body) {
      const response = await fetch(to, {
        method,
        headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
    },
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** Polls a refresh until it has ended and gives its details. */
export async function untilEnded(services: Services, location: string): Promise<Json> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const { body } = await services.call(location);
    if (body.endTime !== undefined) return body;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`The refresh ${location} did not end within 15 seconds.`);
}

/** Total and Rows, as executeQueries tells them. */
export async function readTotals(services: Services): Promise<Json> {
  const query = 'EVALUATE SUMMARIZECOLUMNS("Total", [Total], "Rows", [Rows])';
  const { body } = await services.call(`${services.dataset}/executeQueries`, 'POST', { queries: [{ query }] });
  return body.results?.[0]?.tables?.[0]?.rows?.[0] ?? body;
}
