import { isRecord, LandfallError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { lakePaths } from '../lake/paths.ts';
import type { FileList } from '../ledger/batch.ts';
import { CONTAINERS } from '../names.ts';
import type { Backfill, ChosenFile } from './backfill.ts';

/** An entry that a backfill made, and the file as it was before. */
export interface MadeEntry {
  readonly id: string;
  readonly file: ChosenFile;
}

/** The files that a backfill is about. */
export async function readChosen(lake: Lake, { files }: Pick<Backfill, 'files'>): Promise<readonly ChosenFile[]> {
  return list<ChosenFile>(lake, files.path, 'files');
}

/** Writes down which entries a part made; repeating it replaces that. */
export async function writeMade(
  lake: Lake,
  { id }: Backfill,
  from: number,
  entries: readonly MadeEntry[],
): Promise<FileList> {
  const path = lakePaths.backfill(id, `from-${from}`);
  await lake.writeJson(CONTAINERS.lake, path, { entries });
  return { path, count: entries.length };
}

export async function readMade(lake: Lake, { path }: FileList): Promise<readonly MadeEntry[]> {
  return list<MadeEntry>(lake, path, 'entries');
}

/** A list of a document that the app itself has written. */
async function list<T>(lake: Lake, path: string, name: string): Promise<readonly T[]> {
  const document = await lake.readJson(CONTAINERS.lake, path);
  const items = isRecord(document) ? document[name] : undefined;
  if (!Array.isArray(items)) throw new LandfallError('InvalidBackfill', `${path} has no list '${name}'.`);
  return items as readonly T[];
}
