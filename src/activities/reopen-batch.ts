import { LandfallError } from '../shared/errors.ts';
import type { Services } from '../shared/services.ts';
import { mapSome } from '../shared/some-at-once.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';

const FILES_AT_ONCE = 500;
const WRITES_AT_ONCE = 16;

type Needs = Pick<Services, 'datasets' | 'files' | 'runs' | 'publications'>;

/** Opens the books of a batch that failed or was cancelled: its files have arrived again. Safe to repeat. */
export function createReopenBatch({ datasets, files, runs, publications }: Needs): Activities['reopen-batch'] {
  return async ({ dataset, id, times }) => {
    const run = await runs.get(dataset, id);
    if (run === undefined) throw new LandfallError('NoSuchRun', `There is no run '${id}' in the log.`);
    let after: string | undefined;
    do {
      const { items, continuation } = await files.list({ datasets: [dataset], batch: id }, FILES_AT_ONCE, after);
      await mapSome(items, WRITES_AT_ONCE, (file) => files.reopen(dataset, file.id));
      after = continuation;
    } while (after !== undefined);
    const published = (await publications.get(dataset))?.version ?? 0;
    const { version } = datasetOf(datasets, { id, dataset });
    return {
      batch: {
        ...{ id, dataset, number: run.number, resumes: times },
        ...(run.refresh === undefined ? {} : { refresh: run.refresh }),
      },
      inPlace: run.contractVersion === version && published < run.number,
    };
  };
}
