import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createColors, wantsColors } from '../core/log-colors.ts';
import { AppWatcher } from './app-watcher.ts';
import type { RunOptions } from './options.ts';
import type { HostState } from './run-app.ts';

const program = join(import.meta.dirname, '../cli.ts');
const settledMs = 250;
/** Longer than a host takes to end in order. */
const patienceMs = 5000;

/**
 * Runs an app in a process of its own, and again whenever a build has changed it: the library of Functions takes one
 * app a process. The port stays the same, and what the app was doing goes on from the data folder. An app that cannot
 * be loaded is waited for.
 * @returns the exit code, once a signal ends it, or the first start fails for want of the port or the data folder.
 */
export function superviseApp(options: RunOptions): Promise<number> {
  return new Promise((resolve) => {
    new Supervisor(options, resolve).start();
  });
}

class Supervisor {
  readonly #options: RunOptions;
  readonly #onEnd: (code: number) => void;
  readonly #watcher: AppWatcher;
  #child: ChildProcess | undefined;
  /** Had by the first child, and kept. */
  #port: number | undefined;
  #isRestarting = false;
  #isEnding = false;

  constructor(options: RunOptions, onEnd: (code: number) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    this.#watcher = new AppWatcher({
      appFolder: options.appFolder,
      dataFolder: options.dataFolder,
      settledMs,
      onBuilt: () => this.#onBuilt(),
    });
  }

  start(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => this.#end(0));
    }
    this.#startChild();
  }

  #startChild(): void {
    const child = fork(program, childArguments(this.#options, this.#port), { stdio: 'inherit' });
    this.#child = child;
    child.on('message', (message) => {
      const { port } = message as Partial<HostState>; // The app may say something, too.
      this.#port = typeof port === 'number' ? port : this.#port;
    });
    child.on('error', (error) => say(`the host cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => this.#onExit(code ?? signal ?? 'unknown'));
  }

  #onBuilt(): void {
    if (this.#isEnding || this.#isRestarting) {
      return; // What starts next loads what is there then.
    }
    say('the app has changed: starting it again');
    if (this.#child === undefined) {
      this.#startChild();
    } else {
      this.#isRestarting = true;
      stop(this.#child);
    }
  }

  #onExit(how: number | string): void {
    this.#child = undefined;
    if (this.#isEnding) {
      this.#onEnd(0);
    } else if (this.#isRestarting) {
      this.#isRestarting = false;
      this.#watcher.reset();
      this.#startChild();
    } else if (this.#port === undefined) {
      this.#end(typeof how === 'number' ? how : 1);
    } else {
      say(`the host has ended (${how}): waiting for the next change of the app`);
    }
  }

  #end(code: number): void {
    if (this.#isEnding) {
      return;
    }
    this.#isEnding = true;
    this.#watcher.close();
    if (this.#child === undefined) {
      this.#onEnd(code);
    } else {
      stop(this.#child);
    }
  }
}

/** Ends a child in order, and at once when it does not. */
function stop(child: ChildProcess): void {
  const impatient = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  child.once('exit', () => clearTimeout(impatient));
  child.kill('SIGTERM');
}

function childArguments(options: RunOptions, knownPort: number | undefined): string[] {
  const { appFolder, dataFolder, isDefaultDataFolder, enforceKeys, accessLog, logLevel, inspector } = options;
  const port = knownPort ?? options.port;
  return [
    appFolder,
    ...(isDefaultDataFolder ? [] : ['--data', dataFolder]),
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(logLevel === undefined ? [] : ['--log-level', logLevel]),
    ...(enforceKeys ? [] : ['--no-keys']),
    ...(accessLog === undefined ? [] : ['--access-log', accessLog]),
    ...(inspector === undefined ? [] : [`--inspect${inspector.wait ? '-brk' : ''}=${inspector.port}`]),
  ];
}

function say(message: string): void {
  const colors = createColors(wantsColors(process.stderr, process.env));
  process.stderr.write(`${colors.cyan('functions-host --watch:')} ${message}\n`);
}
