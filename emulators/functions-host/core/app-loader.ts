import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJson } from './app-settings.ts';
import { appStackOf } from './app-stack.ts';
import { HostSetupError } from './errors.ts';

/** What package.json says of how an app is loaded. */
export interface AppPackage {
  /** A glob of the entry files. */
  readonly main: string;
  readonly isModule: boolean;
}

/** @throws HostSetupError when there is no app in the folder. */
export function readAppPackage(appFolder: string): AppPackage {
  const path = join(appFolder, 'package.json');
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new HostSetupError(
      statSync(appFolder, { throwIfNoEntry: false })?.isDirectory()
        ? `there is no package.json in ${appFolder}: give the folder of an app, or make one with "func init"`
        : `there is no folder ${appFolder}: give the folder of an app`,
    );
  }
  const { main, type } = (readJson(path) ?? {}) as { main?: unknown; type?: unknown };
  if (typeof main !== 'string' || main === '') {
    throw new HostSetupError(
      `${path} has no "main": name the app's entry files there, for example "dist/functions/*.js"`,
    );
  }
  return { main, isModule: type === 'module' };
}

/** The entry files of an app, from its folder on, in the order of their names. */
export function findEntryFiles(appFolder: string, { main }: AppPackage): string[] {
  return globSync(main, { cwd: appFolder }).sort();
}

const slowMs = 10_000;

/**
 * Loads the entry files of an app, which `main` of its package.json names by a glob.
 * Source: Azure/azure-functions-nodejs-worker, `src/startApp.ts`.
 * @param onSlow is told of a file that has been loading for `slowMs`.
 * @throws HostSetupError when nothing matches, or a file throws.
 */
export async function loadEntryFiles(appFolder: string, onSlow: (path: string) => void): Promise<void> {
  const app = readAppPackage(appFolder);
  const files = findEntryFiles(appFolder, app);
  if (files.length === 0) {
    throw new HostSetupError(
      `no file matches "main": "${app.main}" of ${join(appFolder, 'package.json')}: build the app first ` +
        '("npm run build"), or correct "main"',
    );
  }
  const require = createRequire(join(appFolder, 'package.json'));
  for (const file of files) {
    const path = resolve(appFolder, file);
    const slow = setTimeout(() => onSlow(path), slowMs);
    try {
      if (file.endsWith('.mjs') || (app.isModule && !file.endsWith('.cjs'))) {
        await import(pathToFileURL(path).href);
      } else {
        require(path);
      }
    } catch (error) {
      throw entryFileError(path, error);
    } finally {
      clearTimeout(slow);
    }
  }
}

function entryFileError(path: string, error: unknown): HostSetupError {
  if (error instanceof HostSetupError) {
    return error; // It says itself what is wrong, and where.
  }
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  const isMissing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
  const advice = isMissing ? '\nIf it is a package, install it: npm install' : '';
  const what = (error instanceof SyntaxError ? syntaxFaultIn(path) : undefined) ?? appStackOf(error);
  return new HostSetupError(`the entry file ${path} of the app threw: ${what}${advice}`, error);
}

/** Where the syntax of a file is wrong, which Node tells of an ES module only when it runs that alone. */
function syntaxFaultIn(path: string): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' });
  return status === 0 ? undefined : stderr.split(/\n\s+at |\n\nNode\.js /)[0];
}
