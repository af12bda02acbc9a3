import type { DriftFinding, RunRecord, Warning } from '../../api/types.ts';
import { formatCount } from '../../format.ts';

/** What a run is called: a batch by its number, all else by what it did. */
export function titleOf({ dataset, number, training, backfill }: RunRecord): string {
  if (backfill !== undefined) return `${dataset}, backfill`;
  if (training === undefined) return `${dataset} #${number}`;
  return `${dataset}, ${training.mode === 'rollback' ? 'model rolled back' : 'model challenged'}`;
}

/** What it was about, in a few words: files and rows, why it refreshed, how a training came out, or how far a backfill is. */
export function aboutOf(run: RunRecord): string {
  const { files, rows, refresh, training, backfill } = run;
  if (backfill !== undefined) {
    const { published, failed, rejected, leftOut } = backfill.progress;
    return `${formatCount(published + failed + rejected + leftOut)} of ${formatCount(files)} files`;
  }
  if (training !== undefined) return training.verdict ?? training.model;
  if (refresh !== undefined) return refresh;
  const loaded = rows === undefined ? '' : ` · ${formatCount(rows.loaded)} rows`;
  // Columns that nobody wants are told of in the run alone: there may be some in every file.
  const notes = warningsOf(run).length + (run.drift ?? []).filter(({ action }) => action !== 'ignored').length;
  const told = notes === 0 ? '' : ` · ${notes === 1 ? 'one warning' : `${formatCount(notes)} warnings`}`;
  return `${formatCount(files)} ${files === 1 ? 'file' : 'files'}${loaded}${told}`;
}

/** What the jobs of a run warn of. */
export function warningsOf({ steps }: RunRecord): readonly Warning[] {
  return Object.values(steps).flatMap((step) => step.warnings ?? []);
}

/** A batch that did not end well can be taken up again, unless a later one has its files; all else is asked for anew. */
export function isResumable({ status, training, backfill, continuedIn }: RunRecord): boolean {
  const isBatch = training === undefined && backfill === undefined;
  return isBatch && continuedIn === undefined && (status === 'failed' || status === 'canceled');
}

/** What a warning is about: a rule, or a constraint of a column. */
export function nameOf({ rule, column }: Warning): string {
  return column === undefined ? rule : `${rule} of ${column}`;
}

const KINDS: Readonly<Record<string, string>> = {
  'new-column': 'is new',
  'missing-column': 'is missing',
  'changed-type': 'has changed its type',
};

/** `weight is new in 2 files (double), evolved` */
export function describeDrift({ kind, source, column, action, type, files, file }: DriftFinding): string {
  const where = files === 1 ? file : `${formatCount(files)} files`;
  const name = action === 'evolved' && column !== undefined && column !== source ? ` as ${column}` : '';
  const what = type === undefined ? '' : ` (${type})`;
  return `${source} ${KINDS[kind] ?? kind} in ${where}${what}: ${action}${name}`;
}
