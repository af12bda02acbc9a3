import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sql from 'mssql';

const root = resolve(import.meta.dirname, '../../..');

/** A running Synapse emulator and ways to reach, stop and kill it. */
export interface Pool {
  readonly port: number;
  readonly directory: string;
  connect(options?: Partial<sql.config>): Promise<sql.ConnectionPool>;
  /** SIGTERM, giving the exit code; SIGKILL for a crash. The data directory stays. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface PoolOptions {
  /** Reopens the data of an earlier one. */
  readonly directory?: string;
  /** Where every storage account really is. */
  readonly storage?: string;
  /** Further options of the command line. */
  readonly args?: readonly string[];
}

/** Starts the emulator as a child process on a free port. */
export async function startPool(options: PoolOptions = {}): Promise<Pool> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'synapse-'));
  const args = ['-m', 'synapse_emulator', '--port', '0', '--data', directory, ...(options.args ?? [])];
  if (options.storage !== undefined) args.push('--storage', `*=${options.storage}`);
  const child = spawn(join(root, '.venv/bin/python'), args, {
    env: {
      ...process.env,
      PYTHONPATH: join(root, 'emulators/synapse'),
      SYNAPSE_PASSWORD: 'Local-pass-1',
      ...storageKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await listening(child);
  return {
    port,
    directory,
    connect: (extra = {}) =>
      new sql.ConnectionPool({
        server: '127.0.0.1',
        port,
        user: 'landfall',
        password: 'Local-pass-1',
        database: 'landfall',
        ...extra,
        options: { encrypt: false, trustServerCertificate: true, ...extra.options },
      }).connect(),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** The account that Azurite knows from the start. */
export const storageKey = {
  AZURE_STORAGE_ACCOUNT_NAME: 'devstoreaccount1',
  AZURE_STORAGE_ACCOUNT_KEY: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

function listening(child: ChildProcess): Promise<number> {
  return new Promise((found, failed) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /listening on 127\.0\.0\.1:(\d+)\n/.exec(text);
      if (match?.[1] !== undefined) found(Number(match[1]));
    });
    child.once('exit', () => failed(new Error('the emulator ended before it listened')));
  });
}
