import type { DurableClient } from 'durable-functions';
import type { FileSets } from '../shared/contracts/contract.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { driveArrival } from '../shared/ledger/admit-landed-file.ts';
import { byVersion, type FileRecord } from '../shared/ledger/file-record.ts';
import {
  findGoneSet,
  type GoneSet,
  isMember,
  judgeSet,
  manifestPaths,
  type SetState,
  setKey,
} from '../shared/ledger/file-sets.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

type App = Pick<Services, 'datasets' | 'files' | 'lake'>;

const LARGEST_MANIFEST_BYTES = 16 * 1024 * 1024;

/**
 * Looks whether a set of files is complete. One that is goes on as a whole: what belongs to it is written down once, which
 * makes it go on, then its files have arrived. One whose time has come goes on without what is missing, or fails.
 */
export function createSettleSet({ datasets, files, lake }: App, durable: DurableClient): Activities['settle-set'] {
  return async ({ dataset, set, file, overdue }) => {
    const sets = datasets.get(dataset)?.contract.arrival.set;
    if (sets === undefined) return null;
    const entries = await files.ofSet(dataset, set);
    const path = lakePaths.set(dataset, setKey(set));
    let gone = await findGoneSet(lake, dataset, set);
    if (gone === undefined) {
      const named = await readManifest({ datasets, lake }, sets, entries);
      const state = judgeSet(sets, entries, typeof named === 'string' ? undefined : named);
      const missing = typeof named === 'string' ? named : state.missing;
      if (!state.complete && !(overdue && sets.on_deadline === 'process' && state.members.length > 0)) {
        await (overdue ? fail : note)({ files }, { ...state, missing }, file);
        return null;
      }
      const going: GoneSet = { set, ids: state.members.map(({ id }) => id), missing: state.complete ? '' : missing };
      const first = await lake.createJson(CONTAINERS.lake, path, going);
      gone = first ? going : ((await findGoneSet(lake, dataset, set)) ?? going);
    }
    const marked = await goOn(files, dataset, gone, entries);
    // Those that an interrupted attempt has marked, and told nobody of, too.
    const [first] = [...marked, ...entries.filter(({ status }) => status === 'arrived')];
    if (first !== undefined) await driveArrival(durable, first);
    return null;
  };
}

/** Marks the files of a set that goes on as arrived, and what came too late to be of it: that goes by itself. Gives them. */
async function goOn(
  files: Services['files'],
  dataset: string,
  { set, ids, missing }: GoneSet,
  entries: readonly FileRecord[],
): Promise<readonly FileRecord[]> {
  const members = new Set(ids);
  const open = entries.filter((file) => isMember(file) && (file.status === 'waiting' || members.has(file.id)));
  await files.updateAll(
    dataset,
    open.map(({ id }) => ({
      id,
      fields: { status: 'arrived', ...(missing === '' || !members.has(id) ? {} : { missing }) },
      without: ['reason'],
    })),
  );
  const reason = `It says what belongs to the set ${set}, and brings no rows.`;
  const manifests = entries.filter(({ status, manifest }) => status === 'waiting' && manifest === true);
  await files.updateAll(
    dataset,
    manifests.map(({ id }) => ({ id, fields: { status: 'unchanged', reason } })),
  );
  return open;
}

/** The paths that the newest manifest of a set names; undefined when there is none, a text when it cannot be read. */
async function readManifest(
  { datasets, lake }: Pick<Services, 'datasets' | 'lake'>,
  { manifest: glob }: FileSets,
  entries: readonly FileRecord[],
): Promise<readonly string[] | string | undefined> {
  if (glob === undefined) return undefined;
  const newest = entries
    .filter(({ manifest }) => manifest === true)
    .toSorted(byVersion)
    .at(-1);
  if (newest === undefined) return undefined;
  const head = await lake.head(CONTAINERS.landing, newest.path, newest.etag, LARGEST_MANIFEST_BYTES);
  if (head === undefined) return undefined; // overwritten or gone: what took its place is an entry of its own
  try {
    return manifestPaths(newest.path, head.bytes.toString('utf8'), (path) => datasets.ofPath(path) !== undefined);
  } catch (error) {
    return `a manifest that can be read: ${newest.path} cannot (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Notes what a set still waits for, in the entry of the file that has landed, or of the last one that waits. */
async function note({ files }: Pick<Services, 'files'>, state: SetState, file: string | undefined): Promise<void> {
  const entry = state.members.find(({ id }) => id === file) ?? state.members.at(-1);
  if (entry?.status !== 'waiting') return;
  const have = new Set(state.members.map(({ path }) => path)).size;
  await files.update(entry.dataset, entry.id, {
    reason: `It waits for its set ${entry.set}: ${have} ${have === 1 ? 'file is' : 'files are'} there, missing ${state.missing}.`,
  });
}

/** Ends the files of a set that is not complete in time. What is missing may still come: then they go on. */
async function fail({ files }: Pick<Services, 'files'>, state: SetState): Promise<void> {
  const [first] = state.members;
  if (first === undefined) return;
  const waiting = state.members.filter(({ status }) => status === 'waiting');
  const reason = `Its set ${first.set} was not complete in time: missing ${state.missing}. Land what is missing, and all go on.`;
  await files.updateAll(
    first.dataset,
    waiting.map(({ id }) => ({ id, fields: { status: 'failed' as const, reason } })),
  );
}
