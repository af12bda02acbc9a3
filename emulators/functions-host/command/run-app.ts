import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostSetupError } from '../core/errors.ts';
import { messageOf, stackOf } from '../core/logger.ts';
import { createFunctionsHost } from '../index.ts';
import { openInspector } from './inspector.ts';
import type { RunOptions } from './options.ts';

/** What the process that runs an app tells the one that watches over it. */
export type HostState =
  /** The port and the data folder are had: what goes wrong from now on, a change of the app can mend. */
  { readonly state: 'loading'; readonly port: number } | { readonly state: 'listening'; readonly port: number };

/** Ends with one clear message. */
function fail(message: string): never {
  process.stderr.write(`functions-host: ${message}\n`);
  process.exit(1);
}

/** Runs an app in this process until a signal ends it. */
export async function runApp(options: RunOptions): Promise<void> {
  // A mistake of the app outside of any call must neither end the host nor go unseen.
  process.on('unhandledRejection', (reason) => {
    process.stderr.write(`unhandled rejection in the app: ${stackOf(reason)}\n`);
  });
  process.on('uncaughtException', (error) => {
    process.stderr.write(`uncaught exception in the app: ${stackOf(error)}\n`);
  });
  const onEarlyExit = () => fail('the app has ended the process while it was loaded: it must not call process.exit()');
  process.on('exit', onEarlyExit);
  const tell = (state: HostState) => process.send?.(state);
  try {
    if (options.isDefaultDataFolder) {
      makeDefaultDataFolder(options);
    }
    if (options.inspector !== undefined) {
      openInspector(options.inspector);
    }
    const host = await createFunctionsHost({ ...options, onLoading: (port) => tell({ state: 'loading', port }) });
    process.off('exit', onEarlyExit);
    endBySignal(() => host.close());
    tell({ state: 'listening', port: Number(new URL(host.url).port) });
    process.stdout.write(`listening on ${host.url}\n`);
  } catch (error) {
    process.off('exit', onEarlyExit);
    fail(error instanceof HostSetupError ? error.message : stackOf(error));
  }
}

/** Keeps what lies in an app folder by default out of its repository. */
function makeDefaultDataFolder({ appFolder, dataFolder }: RunOptions): void {
  try {
    mkdirSync(dataFolder);
    writeFileSync(join(dataFolder, '.gitignore'), '*\n');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new HostSetupError(`there is no folder ${appFolder}: give the folder of an app`, error);
    }
    if (code !== 'EEXIST') {
      throw new HostSetupError(`cannot make the data folder ${dataFolder}: ${messageOf(error)}; give another --data`);
    }
  }
}

function endBySignal(close: () => Promise<void>): void {
  const end = () => {
    close().then(
      () => process.exit(0),
      (error: unknown) => fail(`could not close in order: ${stackOf(error)}`),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  // Without the one that watches there is nobody to end this process.
  process.on('disconnect', end);
}
