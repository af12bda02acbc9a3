import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const cli = join(import.meta.dirname, '../../../emulators/functions-host/cli.ts');

interface Keys {
  readonly master: string;
  readonly hostDefault: string;
  readonly systemKeys: {
    readonly eventgrid_extension: string;
    readonly durabletask_extension: string;
    readonly blobs_extension: string;
  };
}

export interface TestHost {
  readonly url: string;
  readonly keys: Keys;
  readonly dataFolder: string;
  stderr(): string;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** Ends it in order and gives its exit code. */
  stop(): Promise<number | null>;
}

export interface HostExit {
  readonly code: number | null;
  readonly stderr: string;
}

const children = new Set<ChildProcess>();
const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'functions-host-'));
  folders.push(folder);
  return folder;
}

/** Where a test app lies, by its name or already by its path. */
export const appFolder = (name: string) => resolve(import.meta.dirname, 'apps', name);

/** Writes an app of these files into a folder of its own, with the packages of this repository. */
export function writeApp(files: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Starts a host on a test app; gives it when it listens, or how it ended. */
export async function tryStartHost(
  app: string,
  dataFolder: string,
  options: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<TestHost | HostExit> {
  const args = [cli, appFolder(app), '--data', dataFolder, '--port', '0', ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
  });
  children.add(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const url = await new Promise<string | undefined>((resolve) => {
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const match = /^listening on (\S+)\n/m.exec(stdout);
      if (match !== null) {
        resolve(match[1]);
      }
    });
    void exited.then(() => resolve(undefined));
  });
  if (url === undefined) {
    return { code: await exited, stderr };
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    const code = await exited;
    children.delete(child);
    return code;
  };
  return {
    url,
    dataFolder,
    keys: JSON.parse(readFileSync(join(dataFolder, 'keys.json'), 'utf8')) as Keys,
    stderr: () => stderr,
    ended: exited,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

/** Starts a host that must come up. */
export async function startHost(...args: Parameters<typeof tryStartHost>): Promise<TestHost> {
  const host = await tryStartHost(...args);
  if (!('url' in host)) {
    throw new Error(`the host ended with ${host.code}: ${host.stderr}`);
  }
  return host;
}

/** Ends what the tests started, and removes their folders. */
export async function cleanUp(): Promise<void> {
  for (const child of children) {
    const closed = new Promise((resolve) => child.on('close', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await closed;
    }
  }
  children.clear();
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks again until the answer is there, at most 20 s. */
export async function eventually<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error(`waited 20 s for ${what}`);
}
