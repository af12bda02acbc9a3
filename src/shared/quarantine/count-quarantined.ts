import type { FileLedger, QuarantineFilter } from '../ledger/file-ledger.ts';
import type { FileRecord, RuleCount } from '../ledger/file-record.ts';

/** How many rows are quarantined, by rule and by file. */
export interface QuarantineCounts {
  readonly rows: number;
  readonly rules: readonly (RuleCount & { readonly files: number })[];
  readonly files: readonly FileCount[];
  /** False: there are more files with quarantined rows than were counted. */
  readonly complete: boolean;
}

/** The quarantined rows of one file, and where to get them. */
export interface FileCount {
  readonly file: string;
  readonly batch: string;
  readonly status: string;
  readonly contractVersion: string;
  readonly landedAt: string;
  readonly read: number;
  readonly rows: number;
  readonly rules: readonly RuleCount[];
}

const MOST_FILES = 1000;

/** Counts quarantined rows from the ledger's books, of the newest thousand files; rules and files with most rows come first. */
export async function countQuarantined(files: FileLedger, filter: QuarantineFilter): Promise<QuarantineCounts> {
  const { items, continuation } = await files.quarantined(filter, MOST_FILES);
  const counted = items.map((record) => toCount(record, filter.rule)).toSorted(byRows);
  const rules = new Map<string, RuleCount & { readonly files: number }>();
  for (const { rule, rows, example } of counted.flatMap((file) => file.rules)) {
    const known = rules.get(rule) ?? { rule, rows: 0, files: 0, ...(example === undefined ? {} : { example }) };
    rules.set(rule, { ...known, rows: known.rows + rows, files: known.files + 1 });
  }
  return {
    rows: counted.reduce((sum, { rows }) => sum + rows, 0),
    rules: [...rules.values()].toSorted(byRows),
    files: counted,
    complete: continuation === undefined,
  };
}

function toCount(record: FileRecord, rule: string | undefined): FileCount {
  const rules = (record.reasons ?? []).filter((reason) => rule === undefined || reason.rule === rule);
  return {
    file: record.path,
    batch: record.batch ?? '',
    status: record.status,
    contractVersion: record.contractVersion ?? '',
    landedAt: record.landedAt,
    read: record.rows?.read ?? 0,
    rows: rules.reduce((sum, { rows }) => sum + rows, 0),
    rules,
  };
}

function byRows(a: { readonly rows: number }, b: { readonly rows: number }): number {
  return b.rows - a.rows;
}
