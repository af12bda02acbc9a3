import { isRecord, LandfallError } from '../errors.ts';

/** A row that was refused, as the cleanse job wrote it down. */
export interface QuarantinedRow {
  readonly dataset: string;
  readonly batch: string;
  readonly file: string;
  readonly etag: string;
  /** Its first line in the file, the header being line 1; of formats without lines the number of the record. */
  readonly line: number;
  /** Which of the rows that one record gives, where the contract explodes an array. */
  readonly item?: number;
  /** The rule that it broke first. */
  readonly rule: string;
  readonly rules: readonly string[];
  readonly reason: string;
  readonly contractVersion: string;
  /** Its text in the file. */
  readonly raw: string;
}

/** Parses a line of a file of quarantined rows. @throws LandfallError `InvalidQuarantinedRow` */
export function parseQuarantinedRow(line: string): QuarantinedRow {
  const value: unknown = JSON.parse(line);
  if (!isRecord(value)) throw invalid('it is no object');
  const text = (name: string): string => {
    const found = value[name];
    if (typeof found !== 'string') throw invalid(`${name} is not a text`);
    return found;
  };
  const { line: number, item, rules } = value;
  if (typeof number !== 'number') throw invalid('line is not a number');
  if (!Array.isArray(rules)) throw invalid('rules is not a list');
  return {
    dataset: text('dataset'),
    batch: text('batch'),
    file: text('file'),
    etag: text('etag'),
    line: number,
    ...(typeof item === 'number' ? { item } : {}),
    rule: text('rule'),
    rules: rules.map(String),
    reason: text('message'),
    contractVersion: text('contract_version'),
    raw: text('raw'),
  };
}

function invalid(what: string): LandfallError {
  return new LandfallError(
    'InvalidQuarantinedRow',
    `A quarantined row cannot be read: ${what}. Do the deployed jobs match this version of the app?`,
  );
}
