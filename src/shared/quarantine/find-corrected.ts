import type { FileLedger } from '../ledger/file-ledger.ts';
import type { FileRecord } from '../ledger/file-record.ts';
import { corrects, isCorrection } from './name-of-refused.ts';

/** An entry whose refused rows are corrected, and the one that brought them right. */
export interface Corrected {
  readonly id: string;
  readonly by: string;
}

const PAGE = 1000;

/**
 * Finds the entries whose refused rows some files bring once more, corrected: a file corrects the one whose refused rows
 * were given out under its name, if it has at least as many. A replay of a file whose rows are corrected already is so, too,
 * unless more of them are refused now.
 * @param inJson whether refused rows of the dataset are given out as JSON Lines, whatever its files are
 */
export async function findCorrected(
  files: FileLedger,
  dataset: string,
  published: readonly FileRecord[],
  inJson: boolean,
): Promise<readonly Corrected[]> {
  const corrections = published.filter(({ path }) => isCorrection(path));
  const found: Corrected[] = [];
  let after: string | undefined;
  while (corrections.length > 0) {
    const page = await files.quarantined({ dataset }, PAGE, after);
    for (const { id, path, rows } of page.items) {
      const by = corrections.find((correction) => corrects(correction.path, path, inJson));
      if (by !== undefined && (by.rows?.read ?? 0) >= (rows?.quarantined ?? 0)) found.push({ id, by: by.id });
    }
    after = page.continuation;
    if (after === undefined) break;
  }
  const replays = published.filter(({ replay, rows }) => replay !== undefined && (rows?.quarantined ?? 0) > 0);
  const before = new Map(
    (
      await files.some(
        dataset,
        replays.flatMap(({ replay }) => replay?.of ?? []),
      )
    ).map((entry) => [entry.id, entry]),
  );
  for (const { id, replay, rows } of replays) {
    const of = before.get(replay?.of ?? '');
    if (of?.correctedBy !== undefined && (rows?.quarantined ?? 0) <= (of.rows?.quarantined ?? 0))
      found.push({ id, by: of.correctedBy.id });
  }
  return found;
}
