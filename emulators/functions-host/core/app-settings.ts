import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './connection.ts';
import { HostSetupError } from './errors.ts';
import { messageOf } from './logger.ts';

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a JSON file that may be absent, and may have comments on lines of their own.
 * @throws HostSetupError that says where the file is no JSON.
 */
export function readOptionalJson(path: string): Record<string, unknown> {
  if (!existsSync(path)) {
    return {};
  }
  const value = readJson(path);
  if (!isObject(value)) {
    throw new HostSetupError(`${path} must hold a JSON object, as in { "version": "2.0" }`);
  }
  return value;
}

/** @throws HostSetupError that says where the file is no JSON, or why it cannot be read. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .replace(/^[ \t]*\/\/.*$/gm, '');
  } catch (error) {
    throw new HostSetupError(`cannot read ${path}: ${messageOf(error)}`, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const [what] = messageOf(error).split(/ in JSON at position|, ["\u2026.].* is not valid JSON/s);
    const before = text.slice(0, faultIn(text)).split('\n');
    const column = (before.at(-1) ?? '').length + 1;
    throw new HostSetupError(`${path}, line ${before.length}, column ${column}: ${what}: mend the JSON there`, error);
  }
}

/** Where a text that is no JSON stops being the beginning of one, which not every message of the parser tells. */
function faultIn(text: string): number {
  const canGoOn = (length: number): boolean => {
    try {
      JSON.parse(text.slice(0, length));
      return true;
    } catch (error) {
      const position = /at position (\d+)/.exec(messageOf(error))?.[1];
      return /Unexpected end|Unterminated/.test(messageOf(error)) || Number(position) >= length;
    }
  };
  let [good, bad] = [0, text.length];
  while (good < bad) {
    const middle = Math.ceil((good + bad) / 2);
    if (canGoOn(middle)) {
      good = middle;
    } else {
      bad = middle - 1;
    }
  }
  return good;
}

/**
 * Puts `Values` and `ConnectionStrings` of local.settings.json into `environment`, as Core Tools does: what is already there wins.
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
  for (const [name, value] of Object.entries(isObject(settings.ConnectionStrings) ? settings.ConnectionStrings : {})) {
    const text = isObject(value) ? value.ConnectionString : value;
    if (typeof text === 'string') {
      environment[`ConnectionStrings:${name}`] ??= text;
    }
  }
}

/** The properties of bindings in which percent signs are no app setting. */
export const verbatimProperties: readonly string[] = ['commandText', 'sqlQuery', 'route', 'filter'];

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

/** The port that `Host.LocalHttpPort` of local.settings.json names, or else 7071, as Core Tools chooses it. */
export function localPort(appFolder: string): number {
  try {
    const { Host: host } = readOptionalJson(join(appFolder, 'local.settings.json'));
    const port = isObject(host) ? host.LocalHttpPort : undefined;
    return Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535 ? Number(port) : 7071;
  } catch {
    return 7071; // Whoever reads the settings themselves says what is wrong with the file.
  }
}
