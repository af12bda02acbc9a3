import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './connection.ts';
import { HostSetupError } from './errors.ts';
import { messageOf } from './logger.ts';

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a JSON file that may be absent, and may have comments on lines of their own. */
export function readOptionalJson(path: string): Record<string, unknown> {
  if (!existsSync(path)) {
    return {};
  }
  let value: unknown;
  try {
    value = JSON.parse(
      readFileSync(path, 'utf8')
        .replace(/^\uFEFF/, '')
        .replace(/^\s*\/\/.*$/gm, ''),
    );
  } catch (error) {
    throw new HostSetupError(`cannot read ${path}: ${messageOf(error)}`, error);
  }
  if (!isObject(value)) {
    throw new HostSetupError(`${path} must hold a JSON object`);
  }
  return value;
}

/**
 * Puts `Values` of local.settings.json into `environment`, as Core Tools does: what is already there wins.
 * @throws HostSetupError when the file is encrypted or no JSON.
 */
export function applyLocalSettings(appFolder: string, environment: NodeJS.ProcessEnv): void {
  const path = join(appFolder, 'local.settings.json');
  const settings = readOptionalJson(path);
  if (settings.IsEncrypted === true) {
    throw new HostSetupError(`${path} is encrypted: run "func settings decrypt" first`);
  }
  for (const [name, value] of Object.entries(isObject(settings.Values) ? settings.Values : {})) {
    if (environment[name] === undefined && value !== null && value !== undefined) {
      environment[name] = String(value);
    }
  }
}

/**
 * Replaces every `%NAME%` by the app setting of that name.
 * @throws HostSetupError when there is none.
 */
export function resolveSettings(text: string, environment: Environment): string {
  return text.replace(/%([^%]+)%/g, (whole, name: string) => {
    const value = environment[name];
    if (value === undefined) {
      throw new HostSetupError(`${whole} names an app setting that does not exist: add it to local.settings.json`);
    }
    return value;
  });
}
