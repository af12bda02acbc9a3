import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostSetupError } from './errors.ts';
import { messageOf } from './logger.ts';

/** The access keys of the host, kept in `keys.json` of its data folder. */
export interface HostKeys {
  readonly master: string;
  readonly hostDefault: string;
  readonly systemKeys: { readonly eventgrid_extension: string; readonly durabletask_extension: string };
  /** Keys that open one function only: function name → key name → key. Written by hand. */
  readonly functionKeys?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const newKey = () => randomBytes(33).toString('base64url');

function isKeys(value: unknown): value is HostKeys {
  const keys = value as Partial<HostKeys> | null;
  return (
    typeof keys?.master === 'string' &&
    typeof keys.hostDefault === 'string' &&
    typeof keys.systemKeys?.eventgrid_extension === 'string' &&
    typeof keys.systemKeys.durabletask_extension === 'string'
  );
}

/**
 * Reads the keys of the data folder; the first time it makes them, at random, readable by their owner only.
 * @throws HostSetupError when the file is there but no key file.
 */
export function loadKeys(dataFolder: string): HostKeys {
  const path = join(dataFolder, 'keys.json');
  if (existsSync(path)) {
    let keys: unknown;
    try {
      keys = JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
      throw new HostSetupError(`cannot read ${path}: ${messageOf(error)}; delete it to have new keys made`, error);
    }
    if (!isKeys(keys)) {
      throw new HostSetupError(`${path} lacks a key; delete it to have new keys made`);
    }
    return keys;
  }
  const keys: HostKeys = {
    master: newKey(),
    hostDefault: newKey(),
    systemKeys: { eventgrid_extension: newKey(), durabletask_extension: newKey() },
  };
  // Whole or not at all, whatever ends the process or fills the disk.
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
  return keys;
}

/** Whether `given` is one of `keys`, in a time that tells nothing of them. */
export function matchesKey(given: string | undefined, keys: readonly (string | undefined)[]): boolean {
  if (given === undefined || given === '') {
    return false;
  }
  const bytes = Buffer.from(given);
  return keys.some((key) => {
    const expected = Buffer.from(key ?? '');
    return expected.length === bytes.length && timingSafeEqual(expected, bytes);
  });
}
