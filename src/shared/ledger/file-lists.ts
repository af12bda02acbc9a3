import { isRecord, LandfallError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { CONTAINERS } from '../names.ts';
import type { Batch, FileList, FileRef } from './batch.ts';

/** What a batch took of the files that had arrived, and whether others were left. */
export interface Gathered {
  readonly files: readonly FileRef[];
  readonly more: boolean;
}

/** Writes a list of files; one that is there is replaced. */
export async function writeFiles(lake: Lake, path: string, files: readonly FileRef[]): Promise<FileList> {
  await lake.writeJson(CONTAINERS.lake, path, { files });
  return { path, count: files.length };
}

/** Writes down what a batch took, unless that was done before; gives what holds. */
export async function claimFiles(lake: Lake, path: string, gathered: Gathered): Promise<Gathered> {
  if (await lake.createJson(CONTAINERS.lake, path, gathered)) return gathered;
  return (await findClaim(lake, path)) ?? gathered;
}

/** What a batch took; undefined when it has taken nothing yet. */
export async function findClaim(lake: Lake, path: string): Promise<Gathered | undefined> {
  const document = await lake.findJson(CONTAINERS.lake, path);
  if (document === undefined) return undefined;
  return { files: parse(document, path), more: isRecord(document) && document.more === true };
}

/** The files of a batch; none where it has none. @throws LandfallError when its list is not there */
export async function readFiles(lake: Lake, { files }: Pick<Batch, 'files'>): Promise<readonly FileRef[]> {
  if (files === undefined || files.count === 0) return [];
  return parse(await lake.readJson(CONTAINERS.lake, files.path), files.path);
}

function parse(document: unknown, path: string): readonly FileRef[] {
  const files = isRecord(document) ? document.files : undefined;
  if (!Array.isArray(files)) throw new LandfallError('InvalidFileList', `${path} is no list of files.`);
  return files as readonly FileRef[]; // the app's own: nobody else writes there
}
