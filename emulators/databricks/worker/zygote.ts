import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** How the Python side is started. */
export interface ZygoteOptions {
  readonly python: string;
  readonly pythonpath: readonly string[];
  readonly preload: readonly string[];
}

/** What a task's process is told. */
export interface TaskOrder {
  readonly kind: 'wheel' | 'python_file';
  readonly package_name?: string;
  readonly entry_point?: string;
  readonly python_file?: string;
  readonly project_folders?: readonly string[];
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly log_file: string;
}

/** What the zygote reports; see zygote.py. */
export type ZygoteEvent =
  | { event: 'ready'; import_ms: number; watched: Record<string, number> }
  | { event: 'forked'; child: number; pid: number }
  | { event: 'warm'; child: number; ms: number }
  | { event: 'started'; child: number }
  | {
      event: 'done';
      child: number;
      result: { ok: boolean; missing?: boolean; error?: string; error_trace?: string } | null;
      exit_code: number | null;
      signal: number;
    };

/** One running zygote process. */
export interface Zygote {
  fork(child: number, warm: boolean): void;
  run(child: number, order: TaskOrder): void;
  kill(child: number, graceMs: number): void;
  /** Whether a preloaded module's file has changed since it was imported. */
  isStale(): boolean;
  /** Ends it and its children; resolves when it has gone. */
  close(): Promise<void>;
}

/** Starts a zygote. `onExit` comes once, with the last of what it said on stderr. */
export function startZygote(
  options: ZygoteOptions,
  onEvent: (event: ZygoteEvent) => void,
  onExit: (reason: string) => void,
): Zygote {
  const process_ = launch(options);
  let watched: Record<string, number> = {};
  let complaints = '';
  process_.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
    process.stderr.write(text);
  });
  if (process_.stdout) {
    createInterface({ input: process_.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as ZygoteEvent; // Our own process wrote it.
      if (event.event === 'ready') watched = event.watched;
      onEvent(event);
    });
  }
  process_.stdin?.on('error', () => {}); // A dead zygote is reported once, by its end.
  const gone = new Promise<void>((resolve) => {
    let ended = false;
    const end = (reason: string) => {
      if (ended) return; // A failed spawn comes as both an error and a close.
      ended = true;
      resolve();
      onExit(reason);
    };
    process_.once('error', (error) => end(`${options.python}: ${error.message}`));
    process_.once('close', (code, signal) => end(complaints.trim() || `Python ended with ${signal ?? code}`));
  });
  const send = (request: object) => process_.stdin?.write(`${JSON.stringify(request)}\n`);
  return {
    fork: (child, warm) => void send({ op: 'fork', child, warm }),
    run: (child, task) => void send({ op: 'run', child, task }),
    kill: (child, graceMs) => void send({ op: 'kill', child, grace_ms: graceMs }),
    isStale: () => Object.entries(watched).some(([path, time]) => modifiedTime(path) !== time),
    close: () => {
      process_.stdin?.end();
      return gone;
    },
  };
}

function launch(options: ZygoteOptions): ChildProcess {
  const script = join(import.meta.dirname, 'zygote.py');
  const { DATABRICKS_TOKEN: _secret, SPARK_REMOTE: _other, ...inherited } = process.env;
  const arguments_ = ['--pythonpath', options.pythonpath.join(delimiter), '--preload', options.preload.join(',')];
  return spawn(options.python, ['-u', script, ...arguments_], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...inherited,
      TZ: 'UTC',
      RUST_LOG: inherited.RUST_LOG ?? 'warn',
      // macOS aborts forked processes that touch Objective-C; the children here do not use it.
      OBJC_DISABLE_INITIALIZE_FORK_SAFETY: 'YES',
    },
  });
}

function modifiedTime(path: string): number | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && Number(stats.mtimeNs / 1_000_000n);
}
