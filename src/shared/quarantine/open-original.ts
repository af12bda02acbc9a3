import { isToldInJson } from '../contracts/landed-format.ts';
import type { Datasets } from '../contracts/load-datasets.ts';
import { RequestProblem } from '../http/problem.ts';
import type { Lake } from '../lake/lake.ts';
import { quarantinePaths } from '../lake/paths.ts';
import type { FileLedger, QuarantineFilter } from '../ledger/file-ledger.ts';
import { CONTAINERS } from '../names.ts';
import { nameOfRefused } from './name-of-refused.ts';

/** A file to be saved under a name. */
export interface Download {
  readonly name: string;
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Opens the refused rows of a file as the job wrote them down in the file's own format (of some formats as JSON Lines).
 * @throws RequestProblem 404 when none of its rows is quarantined, or what was is no longer kept
 */
export async function openOriginal(
  { datasets, files, lake }: { readonly datasets: Datasets; readonly files: FileLedger; readonly lake: Lake },
  filter: QuarantineFilter & { readonly path: string },
): Promise<Download> {
  const { dataset, path } = filter;
  const [file] = (await files.quarantined(filter, 1)).items;
  if (file === undefined)
    throw new RequestProblem(404, `No row of '${path}' is quarantined; GET /api/quarantine/counts lists files.`);
  const stream = await lake.open(CONTAINERS.quarantine, quarantinePaths.original(dataset, file.batch ?? '', path));
  if (stream === undefined) throw new RequestProblem(404, `The quarantined rows of '${path}' are no longer kept.`);
  const contract = datasets.get(dataset)?.contract;
  return { name: nameOfRefused(path, contract !== undefined && isToldInJson(contract.arrival.format)), stream };
}
