import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { FileSets } from '../contracts/contract.ts';
import { isRecord, LandfallError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { lakePaths } from '../lake/paths.ts';
import { CONTAINERS } from '../names.ts';
import { byVersion, type FileRecord } from './file-record.ts';

/** The name of the set that a path belongs to; undefined when the contract's expression does not say. */
export function setOf({ by }: FileSets, path: string): string | undefined {
  const [whole, ...groups] = new RegExp(by).exec(path) ?? [];
  return whole === undefined ? undefined : groups.filter((group) => group !== undefined).join('/');
}

/** A set's name in ids and paths, which may not hold all characters that a path may. */
export function setKey(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds, as the contract's schema allows it. */
export function durationMilliseconds(duration: string): number {
  const [, days, hours, minutes, seconds] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration) ?? [];
  return (
    (((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000
  );
}

/**
 * The paths that a manifest names: a JSON array, or an object with one as `files`, of paths or of objects with a `path`;
 * else one path a line. A path is taken from the manifest's folder on, unless it is one from the container's root.
 */
export function manifestPaths(manifest: string, text: string, isPath: (path: string) => boolean): readonly string[] {
  return [...new Set(namesIn(text))].map((name) => {
    const beside = posix.normalize(posix.join(posix.dirname(manifest), name));
    return name.includes('/') && isPath(name) ? name : beside;
  });
}

function namesIn(text: string): readonly string[] {
  const plain = text.replace(/^\uFEFF/, '').trim();
  if (!/^[[{]/.test(plain))
    return plain
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const document: unknown = JSON.parse(plain);
  const files = Array.isArray(document) ? document : (document as { readonly files?: unknown }).files;
  if (!Array.isArray(files)) throw new SyntaxError("it has no array of files, neither by itself nor as 'files'");
  return files.map((file: unknown) => {
    const path = typeof file === 'string' ? file : (file as { readonly path?: unknown } | null)?.path;
    if (typeof path !== 'string' || path === '') throw new SyntaxError('a file in it has no path');
    return path;
  });
}

/** What is there of a set. */
export interface SetState {
  /** The entries that go together: those that wait, and those that failed for want of the others. */
  readonly members: readonly FileRecord[];
  readonly complete: boolean;
  /** What is still missing: paths, where a manifest names them; else how many files. */
  readonly missing: string;
}

/** What was written down of a set that goes on. */
export interface GoneSet {
  readonly set: string;
  readonly ids: readonly string[];
  /** What it goes without; empty where it is complete. */
  readonly missing: string;
}

/** A set that goes on; undefined while it waits. */
export async function findGoneSet(lake: Lake, dataset: string, set: string): Promise<GoneSet | undefined> {
  const path = lakePaths.set(dataset, setKey(set));
  const document = await lake.findJson(CONTAINERS.lake, path);
  if (document === undefined) return undefined;
  if (!isRecord(document) || !Array.isArray(document.ids) || typeof document.missing !== 'string')
    throw new LandfallError('InvalidSet', `${path} does not say what belongs to a set.`);
  return { set, ids: document.ids.map(String), missing: document.missing };
}

/** The ids of the files that went on as a set; none while it waits. */
export async function setMembers(lake: Lake, dataset: string, set: string): Promise<readonly string[]> {
  return (await findGoneSet(lake, dataset, set))?.ids ?? [];
}

/** How many missing paths are named. */
const NAMED = 5;

/**
 * Judges a set.
 * @param entries all entries of the set
 * @param named the paths that its manifest names; undefined where there is none, or not yet
 */
export function judgeSet(
  sets: FileSets,
  entries: readonly FileRecord[],
  named: readonly string[] | undefined,
): SetState {
  const members = entries.filter(isMember).toSorted(byVersion);
  const paths = new Set(members.map(({ path }) => path));
  if (sets.manifest !== undefined) {
    if (named === undefined) return { members, complete: false, missing: 'its manifest' };
    const missing = named.filter((path) => !paths.has(path));
    return { members, complete: missing.length === 0, missing: list(missing) };
  }
  const wanted = (sets.count ?? 0) - paths.size;
  return { members, complete: wanted <= 0, missing: wanted <= 0 ? '' : `${wanted} of ${sets.count} files` };
}

/** Whether an entry still is to go with its set: it has not been in a batch. */
export function isMember({ status, batch, manifest, set }: FileRecord): boolean {
  return (
    set !== undefined &&
    manifest === undefined &&
    (status === 'waiting' || (status === 'failed' && batch === undefined))
  );
}

function list(paths: readonly string[]): string {
  const some = paths.slice(0, NAMED).join(', ');
  return paths.length > NAMED ? `${some} and ${paths.length - NAMED} more` : some;
}
