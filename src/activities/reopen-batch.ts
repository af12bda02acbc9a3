import { LandfallError } from '../shared/errors.ts';
import type { FileRef } from '../shared/ledger/batch.ts';
import type { Services } from '../shared/services.ts';
import { traceOf } from '../shared/telemetry/span-place.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';

type Needs = Pick<Services, 'datasets' | 'files' | 'runs' | 'publications'>;

/** Opens the books of a batch that failed or was cancelled: its files are on their way again. Safe to repeat. */
export function createReopenBatch({ datasets, files, runs, publications }: Needs): Activities['reopen-batch'] {
  return async ({ dataset, id, times }) => {
    const run = await runs.get(dataset, id);
    if (run === undefined) throw new LandfallError('NoSuchRun', `There is no run '${id}' in the log.`);
    const refs: FileRef[] = [];
    for (const { id: file } of (await files.list({ datasets: [dataset], batch: id }, 1000)).items) {
      const reopened = await files.reopen(dataset, file);
      if (reopened?.status !== 'arrived') continue;
      const { path, etag, size, sequencer, landedAt, traceparent } = reopened;
      const traced = traceparent === undefined ? {} : { traceparent };
      refs.push({ id: file, path, etag, size, sequencer, landedAt, ...traced });
    }
    const published = (await publications.get(dataset))?.version ?? 0;
    const { version } = datasetOf(datasets, { id, dataset });
    return {
      batch: {
        ...{ id, dataset, number: run.number, files: refs, resumes: times },
        ...traceOf(refs),
        ...(run.refresh === undefined ? {} : { refresh: run.refresh }),
      },
      inPlace: run.contractVersion === version && published < run.number,
    };
  };
}
