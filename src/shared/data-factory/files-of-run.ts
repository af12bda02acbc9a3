import type { FileRecord } from '../ledger/file-record.ts';
import { NO_DATASET } from '../names.ts';
import type { Services } from '../services.ts';
import type { PipelineRunRecord } from './pipeline-run-record.ts';

/** What the ledger has of the files that a run landed; one that was not announced yet is not there. */
export async function filesOfRun(
  { datasets, files }: Pick<Services, 'datasets' | 'files'>,
  run: PipelineRunRecord,
): Promise<readonly FileRecord[]> {
  const paths = new Set((run.copies ?? []).flatMap(({ landed }) => (landed === undefined ? [] : [landed])));
  const versions = await Promise.all(
    [...paths].map((path) => files.versions(datasets.expecting(path)?.contract.dataset ?? NO_DATASET, path)),
  );
  return versions.flat().filter(({ landedAt }) => landedAt >= run.startedAt);
}
