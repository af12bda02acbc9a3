import type { RunRecord } from '../../api/types.ts';
import { formatCount } from '../../format.ts';

/** What a run is called: a batch by its number, all else by what it did. */
export function titleOf({ dataset, number, training, backfill }: RunRecord): string {
  if (backfill !== undefined) return `${dataset}, backfill`;
  if (training === undefined) return `${dataset} #${number}`;
  return `${dataset}, ${training.mode === 'rollback' ? 'model rolled back' : 'model challenged'}`;
}

/** What it was about, in a few words: files and rows, why it refreshed, how a training came out, or how far a backfill is. */
export function aboutOf({ files, rows, refresh, training, backfill }: RunRecord): string {
  if (backfill !== undefined) {
    const { published, failed, rejected, leftOut } = backfill.progress;
    return `${formatCount(published + failed + rejected + leftOut)} of ${formatCount(files)} files`;
  }
  if (training !== undefined) return training.verdict ?? training.model;
  if (refresh !== undefined) return refresh;
  const loaded = rows === undefined ? '' : ` · ${formatCount(rows.loaded)} rows`;
  return `${formatCount(files)} ${files === 1 ? 'file' : 'files'}${loaded}`;
}

/** A batch that did not end well can be taken up again; all else is asked for anew. */
export function isResumable({ status, training, backfill }: RunRecord): boolean {
  return training === undefined && backfill === undefined && (status === 'failed' || status === 'canceled');
}
