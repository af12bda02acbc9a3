import { nameOfCorrected, withoutPacking } from '../quarantine/name-of-refused.ts';
import type { Contract } from './contract.ts';

type Format = Contract['arrival']['format'];

/** Formats whose files nobody corrects row by row: their refused rows are given out, and come back, as JSON Lines. */
const CORRECTED_IN_JSON: ReadonlySet<Format> = new Set<Format>(['parquet', 'avro', 'excel']);

/** Whether refused rows of a format come back, corrected, as JSON Lines. */
export function isCorrectedInJson(format: Format): boolean {
  return CORRECTED_IN_JSON.has(format);
}

/** Whether refused rows of a format are given out as JSON Lines; of media it is what is known of them. */
export function isToldInJson(format: Format): boolean {
  return format === 'media' || isCorrectedInJson(format);
}

/**
 * How a landed file is written: as the contract says, but for corrected rows that were given out as JSON Lines.
 * `formats/corrected_rows.py` of the jobs tells them in the same way.
 */
export function landedFormat({ format }: Contract['arrival'], path: string): Format {
  return isCorrectedInJson(format) && withoutPacking(path).endsWith('.quarantined.jsonl') ? 'jsonl' : format;
}

/**
 * The glob of names, without what packs them, under which corrected rows of a dataset's files land; they may have another
 * ending than `arrival.path`. Undefined for media, of which nothing is corrected.
 */
export function correctionGlob({ path, format }: Contract['arrival']): string | undefined {
  if (format === 'media') return undefined;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return folder + nameOfCorrected(path.slice(folder.length), isCorrectedInJson(format));
}
