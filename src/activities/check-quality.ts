import type { Contract } from '../shared/contracts/contract.ts';
import { type CleanseResult, parseCleanseResult } from '../shared/databricks/job-results.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { readFiles, writeFiles } from '../shared/ledger/file-lists.ts';
import { addReasons, addRows, balances, type FileRecord, type RowCounts } from '../shared/ledger/file-record.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';
import { recordStep } from './record-step.ts';

/**
 * The quality gate: the books of every file must balance and the share of quarantined rows and of those that break a
 * rule stay below the contract's limits. The ledger gets each file's counts and reasons either way.
 */
export function createCheckQuality({
  datasets,
  lake,
  files,
  runs,
}: Pick<Services, 'datasets' | 'lake' | 'files' | 'runs'>): Activities['check-quality'] {
  return async (batch) =>
    recordStep(runs, batch, 'quality', async () => {
      const { contract } = datasetOf(datasets, batch);
      const result = parseCleanseResult(await lake.readJson(CONTAINERS.lake, lakePaths.result(batch.id, 'cleanse', 1)));
      const books = new Map(result.files.map((file) => [file.path, file]));
      const accepted = await readFiles(lake, batch);
      const changes = accepted.flatMap(({ id, path }) => {
        const book = books.get(path);
        return book === undefined ? [] : [{ id, fields: entry(book) }];
      });
      await files.updateAll(batch.dataset, changes);
      const rows = addRows(result.files.map((file) => file.rows));
      const reasons = addReasons(result.files.flatMap((file) => file.reasons));
      const { drift, returned } = result;
      await runs.update(batch.dataset, batch.id, {
        ...{ rows, reasons },
        ...(drift.length === 0 ? {} : { drift }),
        ...(returned === 0 ? {} : { returned }),
      });
      const missing = accepted.filter((file) => !books.has(file.path)).map((file) => file.path);
      const unbalanced = result.files.filter((file) => !balances(file.rows)).map((file) => file.path);
      const reason = complaint(rows, missing, unbalanced, result.violations, contract);
      const left = accepted.filter(({ path }) => !isLeftOut(books.get(path)));
      return {
        ...{ passed: reason === '', reason, rows },
        files: await writeFiles(lake, lakePaths.files(batch.id, 'cleansed'), left),
      };
    });
}

type FileBook = CleanseResult['files'][number];

const CHANGED = {
  status: 'superseded',
  reason: 'The file was overwritten or deleted while it was read; its newer version is an entry of its own.',
} as const;

/** What the ledger is told of a file. */
function entry({ rows, reasons, changed, rejected }: FileBook): Partial<FileRecord> {
  if (changed) return CHANGED;
  return rejected === undefined ? { rows, reasons } : { status: 'rejected', reason: rejected };
}

function isLeftOut(book: FileBook | undefined): boolean {
  return book !== undefined && (book.changed || book.rejected !== undefined);
}

function complaint(
  rows: RowCounts,
  missing: readonly string[],
  unbalanced: readonly string[],
  violations: readonly string[],
  contract: Contract,
): string {
  if (missing.length > 0) return `The cleanse job gave no account of ${some(missing)}.`;
  if (unbalanced.length > 0) {
    return `The books do not balance for ${some(unbalanced)}: read must equal loaded + quarantined + duplicates + superseded.`;
  }
  if (violations.length > 0) return `${violations.join('; ')}.`;
  const limit = contract.quality?.max_quarantined_share ?? 1;
  const share = rows.read === 0 ? 0 : rows.quarantined / rows.read;
  if (share <= limit) return '';
  return `${rows.quarantined} of ${rows.read} rows are in quarantine, a share of ${share.toFixed(3)}; the contract allows ${limit} (quality.max_quarantined_share).`;
}

/** The first of some paths: a batch may have a thousand, and a reason is for a person. */
function some(paths: readonly string[]): string {
  const named = paths.slice(0, 5).join(', ');
  return paths.length > 5 ? `${named} and ${paths.length - 5} more` : named;
}
