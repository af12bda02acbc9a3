import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HostSetupError } from './errors.ts';
import { messageOf, stackOf } from './logger.ts';

interface PackageJson {
  readonly main: string;
  readonly isModule: boolean;
}

function readPackageJson(appFolder: string): PackageJson {
  const path = join(appFolder, 'package.json');
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new HostSetupError(`cannot read ${path}: ${messageOf(error)}`, error);
  }
  const { main, type } = content as { main?: unknown; type?: unknown };
  if (typeof main !== 'string' || main === '') {
    throw new HostSetupError(
      `${path} has no "main": name the app's entry files there, for example "dist/functions/*.js"`,
    );
  }
  return { main, isModule: type === 'module' };
}

/**
 * Loads the entry files of an app, which `main` of its package.json names by a glob, in the order of their names.
 * Source: Azure/azure-functions-nodejs-worker, `src/startApp.ts`.
 * @returns the paths of the files.
 * @throws HostSetupError when nothing matches, or a file throws.
 */
export async function loadEntryFiles(appFolder: string): Promise<string[]> {
  const { main, isModule } = readPackageJson(appFolder);
  const files = globSync(main, { cwd: appFolder }).sort();
  if (files.length === 0) {
    throw new HostSetupError(`found no file for "main": "${main}" in ${appFolder}: build the app first`);
  }
  const require = createRequire(join(appFolder, 'package.json'));
  for (const file of files) {
    const path = resolve(appFolder, file);
    try {
      if (file.endsWith('.mjs') || (isModule && !file.endsWith('.cjs'))) {
        await import(pathToFileURL(path).href);
      } else {
        require(path);
      }
    } catch (error) {
      throw new HostSetupError(`the entry file ${file} of the app threw: ${stackOf(error)}`, error);
    }
  }
  return files;
}
