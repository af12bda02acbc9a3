import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { aptInstall } from '../../../scripts/setup/apt-install.ts';
import { freePort } from '../../../scripts/stack/free-port.ts';
import { type ManagedProcess, startProcess } from '../../../scripts/stack/managed-process.ts';

const DEBIAN = '/usr/lib/postgresql';

/** A PostgreSQL of its own, with its defaults: each commit is synced to the disk. */
export interface Postgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts PostgreSQL over an empty folder. @throws Error where it is neither installed nor can be */
export async function startPostgres(folder: string): Promise<Postgres> {
  const programs = findPrograms() ?? installPrograms();
  const data = join(folder, 'postgres');
  mkdirSync(data);
  const asUser = asPostgres(data);
  const program = (name: string, ...args: readonly string[]): readonly string[] => [
    ...asUser,
    join(programs, name),
    ...args,
  ];
  const [initdb = '', ...options] = program('initdb', '--pgdata', data, '--username', 'bench', '--auth', 'trust');
  execFileSync(initdb, options, { stdio: ['ignore', 'ignore', 'inherit'] });
  const port = await freePort();
  const listening = ['-h', '127.0.0.1', '-p', String(port), '-k', data];
  const [command = '', ...args] = program('postgres', '-D', data, ...listening, '-c', 'logging_collector=off');
  const server: ManagedProcess = await startProcess({
    name: 'postgres',
    command: '/bin/sh',
    args: ['-c', 'exec "$0" "$@" 2>&1', command, ...args], // its log comes on stderr
    env: process.env,
    cwd: data,
    logFile: join(folder, 'postgres.log'),
    ready: /ready to accept connections/,
  });
  return { url: `postgresql://bench@127.0.0.1:${port}/bench_sys`, stop: server.stop };
}

function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(DEBIAN, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

function installPrograms(): string {
  aptInstall('postgresql', 'for the peer DBOS');
  const programs = findPrograms();
  if (programs === undefined)
    throw new Error('There is no PostgreSQL, which DBOS needs: install it (Debian: apt-get install postgresql).');
  return programs;
}

/** PostgreSQL refuses to run as root: Debian's user for it does. */
function asPostgres(data: string): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  chownSync(data, id('-u'), id('-g'));
  chmodSync(dirname(data), 0o711); // that user must get through the folder above it
  return ['/usr/sbin/runuser', '-u', 'postgres', '--'];
}
