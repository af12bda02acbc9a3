import { isCorrectedInJson } from '../shared/contracts/landed-format.ts';
import { readFiles } from '../shared/ledger/file-lists.ts';
import { type FileRecord, type FileStatus, isFinal } from '../shared/ledger/file-record.ts';
import { findCorrected } from '../shared/quarantine/find-corrected.ts';
import type { Services } from '../shared/services.ts';
import { chunks } from '../shared/some-at-once.ts';
import type { Activities } from './activities.ts';

const FILES_AT_ONCE = 200;

const CANCELED = 'The batch was cancelled on request; resume the run, or land the file again.';

/** Closes the books of a batch: the run and each of its files that were still under way. */
export function createEndBatch({
  datasets,
  files,
  lake,
  runs,
}: Pick<Services, 'datasets' | 'files' | 'lake' | 'runs'>): Activities['end-batch'] {
  return async ({ batch, status: outcome, rows, error: cause }) => {
    const endedAt = new Date().toISOString();
    const canceled = outcome === 'failed' && (await runs.get(batch.dataset, batch.id))?.cancelRequested === true;
    const status = canceled ? 'canceled' : outcome;
    const error = canceled ? CANCELED : cause;
    const statusOf = ({ deleted }: FileRecord): FileStatus => {
      if (outcome === 'failed') return 'failed';
      return deleted === true ? 'retracted' : 'published';
    };
    const ending = outcome === 'failed' ? { reason: error ?? 'The batch failed.' } : { publishedAt: endedAt };
    for (const refs of chunks(await readFiles(lake, batch), FILES_AT_ONCE)) {
      const ids = refs.map(({ id }) => id);
      const open = (await files.some(batch.dataset, ids)).filter((file) => !isFinal(file));
      if (outcome !== 'failed') {
        const replaced = open.flatMap(({ id, replaces = [] }) =>
          replaces.map((before) => ({
            id: before,
            fields: { replacedBy: { id, batch: batch.id, at: endedAt } },
          })),
        );
        // Before the files themselves, which a repetition of this activity leaves as they are.
        await files.updateAll(batch.dataset, replaced);
        const contract = datasets.get(batch.dataset)?.contract;
        const inJson = contract !== undefined && isCorrectedInJson(contract.arrival.format);
        const corrected = await findCorrected(files, batch.dataset, open, inJson);
        await files.updateAll(
          batch.dataset,
          corrected.map(({ id, by }) => ({
            id,
            fields: { correctedBy: { id: by, batch: batch.id, at: endedAt } },
          })),
        );
      }
      await files.updateAll(
        batch.dataset,
        open.map((file) => ({ id: file.id, fields: { status: statusOf(file), batch: batch.id, ...ending } })),
      );
    }
    await runs.update(batch.dataset, batch.id, { status, endedAt, rows, ...(error === undefined ? {} : { error }) });
    return null;
  };
}
