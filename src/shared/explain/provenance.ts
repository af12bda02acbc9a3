import type { FileLedger } from '../ledger/file-ledger.ts';
import { addReasons, addRows, type FileRecord, type RowCounts, type RuleCount } from '../ledger/file-record.ts';
import { datasetOfBatch } from '../names.ts';
import type { RunLog } from '../runs/run-log.ts';
import type { Row } from '../sql/read-all.ts';
import type { Period } from './explain-query.ts';

/** A file that brought rows of a period, with its books. */
export interface FileOfPeriod {
  readonly path: string;
  readonly batch: string;
  /** Its rows in the period. */
  readonly rowsInPeriod: number;
  readonly landedAt?: string;
  readonly etag?: string;
  readonly rows?: RowCounts;
  readonly reasons?: readonly RuleCount[];
  /** Version of the contract, with its rules, under which it was read. */
  readonly contractVersion?: string;
  readonly href: string;
}

/** What stands behind the rows of a period. */
export interface Behind {
  readonly files: readonly FileOfPeriod[];
  readonly batches: readonly { readonly id: string; readonly publishedAt?: string; readonly href: string }[];
  readonly models: readonly string[];
  readonly contractVersions: readonly string[];
  /** Books of the files, all their rows. */
  readonly rows: RowCounts;
  readonly rejectedByRule: readonly { readonly rule: string; readonly rows: number }[];
}

/** What differs between the periods besides the rows themselves. */
export interface Differences {
  readonly files: { readonly onlyFrom: readonly string[]; readonly onlyTo: readonly string[] };
  readonly batches: { readonly onlyFrom: readonly string[]; readonly onlyTo: readonly string[] };
  readonly models: { readonly from: readonly string[]; readonly to: readonly string[]; readonly differ: boolean };
  readonly contractVersions: {
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly differ: boolean;
  };
  readonly rejected: {
    readonly from: number;
    readonly to: number;
    readonly byRule: readonly { readonly rule: string; readonly from: number; readonly to: number }[];
  };
}

/** A landed file of which nothing is in. */
export interface RefusedFile {
  readonly path: string;
  readonly status: string;
  readonly landedAt: string;
  readonly reason: string;
}

const MOST_FILES = 200;
const MOST_REFUSED = 20;

/** Looks up, for the rows of `filesQuery`, the ledger's books of each file and the log of each batch. */
export async function behind(
  rows: readonly Row[],
  period: Period,
  dataset: string,
  { files, runs }: { readonly files: FileLedger; readonly runs: RunLog },
): Promise<Behind> {
  const ofPeriod = rows.filter((row) => row.period === period);
  const counts = new Map<string, { path: string; batch: string; rowsInPeriod: number }>();
  for (const { file, batch, row_count: count } of ofPeriod) {
    const key = `${file}\n${batch}`;
    const known = counts.get(key) ?? { path: file ?? '', batch: batch ?? '', rowsInPeriod: 0 };
    counts.set(key, { ...known, rowsInPeriod: known.rowsInPeriod + Number(count) });
  }
  const largestFirst = [...counts.values()].sort((a, b) => b.rowsInPeriod - a.rowsInPeriod).slice(0, MOST_FILES);
  const told = await Promise.all(
    largestFirst.map(async (entry) => {
      const versions = await files.versions(dataset, entry.path);
      return toFile(
        entry,
        versions.find((record) => record.batch === entry.batch),
      );
    }),
  );
  const batches = [...new Set(ofPeriod.map(({ batch }) => batch ?? ''))].sort();
  return {
    files: told,
    batches: await Promise.all(batches.map((id) => toBatch(id, dataset, runs))),
    models: distinct(ofPeriod.map(({ model }) => model)),
    contractVersions: distinct(told.map(({ contractVersion }) => contractVersion)),
    rows: addRows(told.flatMap((file) => file.rows ?? [])),
    rejectedByRule: addReasons(told.flatMap((file) => file.reasons ?? [])),
  };
}

/** Files that brought no row to any period, latest first: their rows are missing in one of them, if they belong there. */
export async function refused(files: FileLedger, dataset: string): Promise<readonly RefusedFile[]> {
  const pages = await Promise.all(
    (['rejected', 'failed'] as const).map((status) => files.list({ datasets: [dataset], status }, MOST_REFUSED)),
  );
  return pages
    .flatMap(({ items }) => items)
    .filter(({ replacedBy }) => replacedBy === undefined)
    .sort((a, b) => b.landedAt.localeCompare(a.landedAt))
    .slice(0, MOST_REFUSED)
    .map(({ path, status, landedAt, reason }) => ({ path, status, landedAt, reason: reason ?? '' }));
}

/** Compares what stands behind two periods. */
export function differences(from: Behind, to: Behind): Differences {
  const rules = distinct([...from.rejectedByRule, ...to.rejectedByRule].map(({ rule }) => rule));
  const rowsOf = (side: Behind, rule: string): number =>
    side.rejectedByRule.find((entry) => entry.rule === rule)?.rows ?? 0;
  return {
    files: onlyIn(
      from.files.map(({ path }) => path),
      to.files.map(({ path }) => path),
    ),
    batches: onlyIn(
      from.batches.map(({ id }) => id),
      to.batches.map(({ id }) => id),
    ),
    models: compared(from.models, to.models),
    contractVersions: compared(from.contractVersions, to.contractVersions),
    rejected: {
      from: from.rows.quarantined,
      to: to.rows.quarantined,
      byRule: rules.map((rule) => ({ rule, from: rowsOf(from, rule), to: rowsOf(to, rule) })),
    },
  };
}

function toFile(
  entry: { readonly path: string; readonly batch: string; readonly rowsInPeriod: number },
  record: FileRecord | undefined,
): FileOfPeriod {
  const href = `/api/files?batch=${encodeURIComponent(entry.batch)}`;
  if (record === undefined) return { ...entry, href };
  const { landedAt, etag, rows, reasons, contractVersion } = record;
  return {
    ...entry,
    href,
    landedAt,
    etag,
    ...(rows === undefined ? {} : { rows }),
    ...(reasons === undefined ? {} : { reasons }),
    ...(contractVersion === undefined ? {} : { contractVersion }),
  };
}

async function toBatch(id: string, dataset: string, runs: RunLog): Promise<Behind['batches'][number]> {
  const run = datasetOfBatch(id) === dataset ? await runs.get(dataset, id) : undefined;
  return { id, href: `/api/runs/${id}`, ...(run?.endedAt === undefined ? {} : { publishedAt: run.endedAt }) };
}

function onlyIn(from: readonly string[], to: readonly string[]): { onlyFrom: string[]; onlyTo: string[] } {
  const without = (some: readonly string[], others: readonly string[]): string[] =>
    [...new Set(some)].filter((name) => !others.includes(name)).sort();
  return { onlyFrom: without(from, to), onlyTo: without(to, from) };
}

function compared(from: readonly string[], to: readonly string[]): Differences['models'] {
  return { from, to, differ: from.join('\n') !== to.join('\n') };
}

function distinct(values: readonly (string | null | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null && value !== undefined))].sort();
}
