import type { DurableClient } from 'durable-functions';
import type { Dataset } from '../contracts/contract.ts';
import { driveArrival } from '../ledger/admit-landed-file.ts';
import type { FileLedger } from '../ledger/file-ledger.ts';
import type { FileRecord } from '../ledger/file-record.ts';
import { CONTAINERS } from '../names.ts';
import type { Services } from '../services.ts';
import { emitArrival } from '../telemetry/emit-arrival.ts';
import { MOST_FILES, type ReplayRequest } from './parse-replay-request.ts';
import { planReplay, type ReplayPlan } from './plan-replay.ts';

/** What became of a request to replay. */
export interface Replayed {
  /** The entries that are under way, begun now or before; each is one of its own in the ledger. */
  readonly entries: readonly FileRecord[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  /** As many were begun as one request may: the same request again begins the next ones. */
  readonly more: boolean;
}

/** What is known beforehand of a replay. */
interface ReplayOptions {
  /** On whose behalf it is. */
  readonly backfill?: string;
  /** All entries of the path, where they were asked for with those of others. */
  readonly known?: readonly FileRecord[];
}

type App = Pick<Services, 'files' | 'lake' | 'telemetry'>;

const AT_ONCE = 20;

/**
 * Enters each chosen file in the ledger once more and hands it to its dataset's intake, as if it had landed again. Safe to
 * repeat: a file whose replay is under way gets no second one, one that was replayed is left out.
 */
export async function replayFiles(app: App, client: DurableClient, request: ReplayRequest): Promise<Replayed> {
  const entries: FileRecord[] = [];
  const leftOut: { path: string; reason: string }[] = [];
  const seen = new Set<string>();
  let begun = 0;
  for await (const paths of chosenPaths(app.files, request)) {
    const fresh = [...new Set(paths)].filter((path) => !seen.has(path));
    while (fresh.length > 0) {
      if (begun === MOST_FILES) return { entries, leftOut, more: true };
      const some = fresh.splice(0, Math.min(AT_ONCE, MOST_FILES - begun));
      const plans = await Promise.all(
        some.map(async (path) => ({ path, ...(await enterReplay(app, request.dataset, path)) })),
      );
      for (const plan of plans) {
        seen.add(plan.path);
        if (plan.kind === 'left out') leftOut.push({ path: plan.path, reason: plan.reason });
        else entries.push(plan.entry);
        if (plan.kind === 'replay') begun++;
        if (plan.kind !== 'left out' && plan.entry.status === 'arrived') await driveArrival(client, plan.entry);
      }
    }
  }
  return { entries, leftOut, more: false };
}

/**
 * Enters a file in the ledger once more, unless its replay is under way; it then waits for a batch.
 */
export async function enterReplay(
  { files, lake, telemetry }: App,
  { contract, version }: Pick<Dataset, 'contract' | 'version'>,
  path: string,
  { backfill, known }: ReplayOptions = {},
): Promise<ReplayPlan> {
  const [versions, blob] = await Promise.all([
    known ?? files.versions(contract.dataset, path),
    lake.facts(CONTAINERS.landing, path),
  ]);
  const plan = planReplay(versions, blob, version, new Date().toISOString(), backfill);
  if (plan.kind === 'left out') return plan;
  const entry = await files.enter(plan.entry);
  if (plan.kind === 'replay') emitArrival(telemetry, entry);
  return { ...plan, entry };
}

/**
 * The paths that a request means: those it names, or those of which rows are quarantined, or that were rejected. What was
 * read under the present contract is not among the latter: nothing would come of it.
 */
async function* chosenPaths(
  files: FileLedger,
  { dataset: { contract, version }, files: named, batch, rule }: ReplayRequest,
): AsyncGenerator<readonly string[]> {
  if (named !== undefined) {
    yield named;
    return;
  }
  const { dataset } = contract;
  const ofBatch = batch === undefined ? {} : { batch };
  const ofRule = rule === undefined ? {} : { rule };
  const listings = [
    (after?: string) => files.quarantined({ dataset, ...ofBatch, ...ofRule }, MOST_FILES, after),
    (after?: string) => files.list({ datasets: [dataset], status: 'rejected', ...ofBatch }, MOST_FILES, after),
  ];
  for (const list of rule === undefined ? listings : listings.slice(0, 1)) {
    let continuation: string | undefined;
    do {
      const page = await list(continuation);
      yield page.items
        .filter(({ replacedBy }) => replacedBy === undefined)
        .filter(({ contractVersion, status }) => contractVersion !== version || status === 'failed')
        .map(({ path }) => path);
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
}
