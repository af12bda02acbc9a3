import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostSetupError } from './errors.ts';
import { messageOf } from './logger.ts';

const systemKeyNames = ['eventgrid_extension', 'durabletask_extension', 'blobs_extension'] as const;

/** What opens the webhooks of an extension. */
export type SystemKey = (typeof systemKeyNames)[number];

/** The access keys of the host, kept in `keys.json` of its data folder. */
export interface HostKeys {
  readonly master: string;
  readonly hostDefault: string;
  readonly systemKeys: Readonly<Record<SystemKey, string>>;
  /** Keys that open one function only: function name → key name → key. Written by hand. */
  readonly functionKeys?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const newKey = () => randomBytes(33).toString('base64url');

function isKeys(
  value: unknown,
): value is Omit<HostKeys, 'systemKeys'> & { systemKeys: Partial<HostKeys['systemKeys']> } {
  const keys = value as Partial<HostKeys> | null;
  return (
    typeof keys?.master === 'string' &&
    typeof keys.hostDefault === 'string' &&
    typeof keys.systemKeys === 'object' &&
    keys.systemKeys !== null
  );
}

/**
 * Reads the keys of the data folder; what is missing is made, at random, readable by its owner only.
 * @throws HostSetupError when the file is there but no key file.
 */
export function loadKeys(dataFolder: string): HostKeys {
  const path = join(dataFolder, 'keys.json');
  const found = readKeys(path) ?? { master: newKey(), hostDefault: newKey(), systemKeys: {} };
  const missing = systemKeyNames.filter((name) => typeof found.systemKeys[name] !== 'string');
  const made = Object.fromEntries(missing.map((name) => [name, newKey()]));
  const keys = { ...found, systemKeys: { ...found.systemKeys, ...made } as HostKeys['systemKeys'] };
  if (missing.length > 0) {
    // Whole or not at all, whatever ends the process or fills the disk.
    const draft = `${path}.new`;
    writeFileSync(draft, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flush: true });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  }
  return keys;
}

function readKeys(path: string) {
  if (!existsSync(path)) {
    return undefined;
  }
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
