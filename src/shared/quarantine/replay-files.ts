import type { DurableClient } from 'durable-functions';
import { driveArrival } from '../ledger/admit-landed-file.ts';
import type { FileRecord } from '../ledger/file-record.ts';
import { CONTAINERS } from '../names.ts';
import type { Services } from '../services.ts';
import { MOST_FILES, type ReplayRequest } from './parse-replay-request.ts';
import { planReplay } from './plan-replay.ts';

/** What became of a request to replay. */
export interface Replayed {
  /** The entries that are under way; each is one of its own in the ledger. */
  readonly entries: readonly FileRecord[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  /** There are more files than one request takes: the same request again replays the next ones. */
  readonly more: boolean;
}

const AT_ONCE = 20;

/**
 * Enters each chosen file in the ledger once more and hands it to its dataset's intake, as if it had landed again. Safe to
 * repeat: a file whose replay is under way gets no second one, one that was replayed is left out.
 */
export async function replayFiles(
  app: Pick<Services, 'files' | 'lake'>,
  client: DurableClient,
  request: ReplayRequest,
): Promise<Replayed> {
  const { paths, more } = await choose(app, request);
  const entries: FileRecord[] = [];
  const leftOut: { path: string; reason: string }[] = [];
  for (let first = 0; first < paths.length; first += AT_ONCE) {
    const some = paths.slice(first, first + AT_ONCE);
    const plans = await Promise.all(some.map((path) => replay(app, client, request, path)));
    for (const [index, plan] of plans.entries()) {
      if (plan.kind === 'left out') leftOut.push({ path: some[index] ?? '', reason: plan.reason });
      else entries.push(plan.entry);
    }
  }
  return { entries, leftOut, more };
}

async function replay(
  { files, lake }: Pick<Services, 'files' | 'lake'>,
  client: DurableClient,
  { dataset: { contract, version } }: ReplayRequest,
  path: string,
): Promise<ReturnType<typeof planReplay>> {
  const [versions, blob] = await Promise.all([
    files.versions(contract.dataset, path),
    lake.facts(CONTAINERS.landing, path),
  ]);
  const plan = planReplay(versions, blob, version, new Date().toISOString());
  if (plan.kind === 'left out') return plan;
  const entry = await files.enter(plan.entry);
  if (entry.status === 'arrived') await driveArrival(client, entry);
  return { ...plan, entry };
}

/** The paths that a request means: those it names, or those of which rows are quarantined or that were rejected. */
async function choose(
  { files }: Pick<Services, 'files'>,
  { dataset: { contract, version }, files: named, batch, rule }: ReplayRequest,
): Promise<{ readonly paths: readonly string[]; readonly more: boolean }> {
  if (named !== undefined) return { paths: named, more: false };
  const { dataset } = contract;
  const chosen = { dataset, ...(batch === undefined ? {} : { batch }), ...(rule === undefined ? {} : { rule }) };
  const paths = new Set<string>();
  // A file that was read under the present contract is left out in silence: the request does not name it.
  const take = (found: readonly FileRecord[]): void => {
    for (const { path, contractVersion, replacedBy, status } of found)
      if (replacedBy === undefined && (contractVersion !== version || status === 'failed')) paths.add(path);
  };
  const pages = [
    (continuation?: string) => files.quarantined(chosen, MOST_FILES, continuation),
    ...(rule === undefined
      ? [
          (continuation?: string) =>
            files.list(
              { datasets: [dataset], status: 'rejected', ...(batch === undefined ? {} : { batch }) },
              MOST_FILES,
              continuation,
            ),
        ]
      : []),
  ];
  for (const page of pages) {
    let continuation: string | undefined;
    do {
      const { items, continuation: next } = await page(continuation);
      take(items);
      continuation = next;
    } while (continuation !== undefined && paths.size <= MOST_FILES);
  }
  return { paths: [...paths].slice(0, MOST_FILES), more: paths.size > MOST_FILES };
}
