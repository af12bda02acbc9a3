import type { Dataset } from '../contracts/contract.ts';
import { pathPattern } from '../contracts/path-pattern.ts';
import type { Lake } from '../lake/lake.ts';
import type { FileLedger } from '../ledger/file-ledger.ts';
import { byVersion, type FileRecord } from '../ledger/file-record.ts';
import { batchNumber, CONTAINERS } from '../names.ts';
import { isSettled } from '../quarantine/plan-replay.ts';
import type { ChosenFile, Selection } from './backfill.ts';

/** The files that a selection means, those that landed first in front; and those that would come to nothing, by reason. */
export interface Choice {
  readonly files: readonly ChosenFile[];
  readonly leftOut: readonly { readonly reason: string; readonly files: number }[];
}

const PAGE = 1000;

/** Chooses files by the ledger; storage is only asked whether they are still there, by one list. */
export async function chooseFiles(
  { files, lake }: { readonly files: FileLedger; readonly lake: Lake },
  dataset: Dataset,
  selection: Selection,
): Promise<Choice> {
  const entries = await standingEntries(files, selection);
  const left = new Map<string, number>();
  const leave = (reason: string): void => {
    left.set(reason, (left.get(reason) ?? 0) + 1);
  };
  const meant = entries.filter((entry) => {
    const settled = entry.contractVersion === dataset.version && isSettled(entry);
    if (settled) leave(`They were read under the present version of the contract, ${dataset.version}.`);
    return !settled;
  });
  const landed = meant.length === 0 ? new Set<string>() : await landedPaths(lake, prefixOf(selection, dataset));
  const chosen = meant.filter(({ path }) => {
    if (!landed.has(path)) leave('They are no longer in landing; land them again.');
    return landed.has(path);
  });
  return {
    files: chosen
      .toSorted((a, b) => a.landedAt.localeCompare(b.landedAt) || a.path.localeCompare(b.path))
      .map(({ path, id, size, landedAt, contractVersion = '', rows }) => ({
        ...{ path, entry: id, size, landedAt, contractVersion },
        ...{ read: rows?.read ?? 0, quarantined: rows?.quarantined ?? 0 },
      })),
    leftOut: [...left].map(([reason, count]) => ({ reason, files: count })),
  };
}

/** Of each path the entry that counts, where the selection means it. */
async function standingEntries(files: FileLedger, selection: Selection): Promise<readonly FileRecord[]> {
  const { dataset, path, landedFrom, landedBefore, contractVersion, firstBatch = 1, lastBatch } = selection;
  const pattern = path === undefined ? undefined : pathPattern(path);
  const latest = new Map<string, FileRecord>();
  let after: string | undefined;
  do {
    const page = await files.standing({ dataset, landedBefore, ...(landedFrom && { landedFrom }) }, PAGE, after);
    for (const entry of page.items) {
      const other = latest.get(entry.path);
      if (other === undefined || byVersion(other, entry) < 0) latest.set(entry.path, entry);
    }
    after = page.continuation;
  } while (after !== undefined);
  return [...latest.values()].filter((entry) => {
    const number = batchNumber(entry.batch ?? '') ?? 0;
    return (
      (pattern?.test(entry.path) ?? true) &&
      (contractVersion === undefined || entry.contractVersion === contractVersion) &&
      (firstBatch === 1 || number >= firstBatch) &&
      (lastBatch === undefined || number <= lastBatch)
    );
  });
}

async function landedPaths(lake: Lake, prefix: string): Promise<ReadonlySet<string>> {
  const paths = new Set<string>();
  for await (const { path } of lake.list(CONTAINERS.landing, prefix)) paths.add(path);
  return paths;
}

/** What all paths of a glob begin with. */
function prefixOf({ path }: Selection, { contract }: Dataset): string {
  return /^[^*?]*/.exec(path ?? contract.arrival.path)?.[0] ?? '';
}
