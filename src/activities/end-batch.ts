import type { FileStatus } from '../shared/ledger/file-record.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Closes the books of a batch: the run and each of its files that were still under way. */
export function createEndBatch({ files, runs }: Pick<Services, 'files' | 'runs'>): Activities['end-batch'] {
  return async ({ batch, status, rows, error }) => {
    const endedAt = new Date().toISOString();
    const fileStatus: FileStatus = status === 'failed' ? 'failed' : 'published';
    await Promise.all(
      batch.files.map(async ({ id }) => {
        const file = await files.get(batch.dataset, id);
        if (file?.status !== 'processing' && file?.status !== 'arrived') return;
        await files.update(batch.dataset, id, {
          status: fileStatus,
          ...(status === 'failed' ? { reason: error ?? 'The batch failed.' } : { publishedAt: endedAt }),
        });
      }),
    );
    await runs.update(batch.dataset, batch.id, { status, endedAt, rows, ...(error === undefined ? {} : { error }) });
    return null;
  };
}
