import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, createWriteStream, mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';

/** How one server of the stack is started. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly logFile: string;
  /** Text on stdout that says that it is ready. */
  readonly ready: RegExp;
  /** How long that may take; a minute where nothing is said. */
  readonly readyWithinSeconds?: number;
  /** It gives way to the others where processors are scarce: nobody waits for what it does. */
  readonly background?: boolean;
}

/** A server of the stack, as a process of its own. */
export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** The part of its output that said that it is ready. */
  readonly ready: string;
  /** Ends it in order, by force after some seconds. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

const READY_WITHIN_SECONDS = 60;
const STOP_WITHIN_MILLISECONDS = 8_000;

/**
 * Starts a process and waits until it is ready; its output goes to its log file.
 * @throws Error with the end of the log when it ends before, or is not ready in time.
 */
export async function startProcess(spec: ProcessSpec): Promise<ManagedProcess> {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const log = createWriteStream(spec.logFile, { flags: 'a' });
  // Straight into the file: a server that writes much to a pipe would wait, at every line, for this process to read it.
  const errors = openSync(spec.logFile, 'a');
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    stdio: ['ignore', 'pipe', errors],
    detached: true,
  });
  closeSync(errors);
  if (spec.background === true && child.pid !== undefined) {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  }
  living.add(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  child.stdout?.pipe(log, { end: false });
  void ended.then(() => living.delete(child));
  const ready = await untilReady(spec, child, ended);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    signalGroup(child, signal);
    await ended;
  };
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    ready,
    kill: () => end('SIGKILL'),
    async stop() {
      const force = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_WITHIN_MILLISECONDS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(force);
      signalGroup(child, 'SIGKILL'); // whatever it may have left behind
    },
  };
}

async function untilReady(spec: ProcessSpec, child: ChildProcess, ended: Promise<void>): Promise<string> {
  let output = '';
  const withinSeconds = spec.readyWithinSeconds ?? READY_WITHIN_SECONDS;
  const fail = (what: string): Error =>
    new Error(`${spec.name} ${what}. The end of ${spec.logFile}:\n${tail(spec.logFile)}`);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signalGroup(child, 'SIGKILL');
      reject(fail(`was not ready within ${withinSeconds} s`));
    }, withinSeconds * 1_000);
    child.stdout?.on('data', (chunk: Buffer) => {
      if (output.length < 10_000) output += chunk.toString('utf8');
      const ready = spec.ready.exec(output)?.[0];
      if (ready !== undefined) {
        clearTimeout(timer);
        resolve(ready);
      }
    });
    void ended.then(() => {
      clearTimeout(timer);
      setTimeout(() => reject(fail('ended before it was ready')), 50); // lets the log be written
    });
  });
}

/** Servers that are running: they end with this process, however it ends. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) signalGroup(child, 'SIGKILL');
});

/** Each server leads a process group, so that its own children end with it. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // the group is gone, which is what was asked for
  }
}

function tail(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-15).join('\n');
  } catch {
    return '(there is no log)';
  }
}
