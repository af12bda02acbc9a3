import { type FileStatus, isFinal } from '../shared/ledger/file-record.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

const CANCELED = 'The batch was cancelled on request; resume the run, or land the file again.';

/** Closes the books of a batch: the run and each of its files that were still under way. */
export function createEndBatch({ files, runs }: Pick<Services, 'files' | 'runs'>): Activities['end-batch'] {
  return async ({ batch, status: outcome, rows, error: cause }) => {
    const endedAt = new Date().toISOString();
    const canceled = outcome === 'failed' && (await runs.get(batch.dataset, batch.id))?.cancelRequested === true;
    const status = canceled ? 'canceled' : outcome;
    const error = canceled ? CANCELED : cause;
    const fileStatus: FileStatus = outcome === 'failed' ? 'failed' : 'published';
    await Promise.all(
      batch.files.map(async ({ id }) => {
        const file = await files.get(batch.dataset, id);
        if (file === undefined || isFinal(file)) return;
        if (outcome !== 'failed') {
          const replacedBy = { id, batch: batch.id, at: endedAt };
          // Before the file itself, which a repetition of this activity leaves as it is.
          for (const replaced of file.replaces ?? []) await files.update(batch.dataset, replaced, { replacedBy });
        }
        await files.update(batch.dataset, id, {
          status: fileStatus,
          ...(outcome === 'failed' ? { reason: error ?? 'The batch failed.' } : { publishedAt: endedAt }),
        });
      }),
    );
    await runs.update(batch.dataset, batch.id, { status, endedAt, rows, ...(error === undefined ? {} : { error }) });
    return null;
  };
}
