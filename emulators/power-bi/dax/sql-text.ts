import type { ColumnType } from '../model/model.ts';
import { DaxError } from './dax-error.ts';
import type { Scalar } from './syntax.ts';

/** A name in DuckDB. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A value in DuckDB's SQL. */
export function sqlValue(value: Scalar): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (value instanceof Date) return `TIMESTAMP '${value.toISOString().slice(0, -1)}'`;
  return String(value);
}

/** What a BLANK counts as when it is compared with a value of the type. */
export function blankOf(type: ColumnType): Scalar {
  if (type === 'string') return '';
  if (type === 'boolean') return false;
  return type === 'dateTime' ? new Date(Date.UTC(1899, 11, 30)) : 0;
}

/** Checks that a value can be compared with a column of the type; the engine compares only alike with alike. @throws DaxError */
export function checkComparable(type: ColumnType, value: Scalar): void {
  if (value === null) return;
  const [columnKind, valueKind] = [KINDS[type], value instanceof Date ? 'Date' : (NAMES[typeof value] ?? 'Variant')];
  if (columnKind !== valueKind) {
    throw new DaxError(
      `DAX comparison operations do not support comparing values of type ${columnKind} with values of type ${valueKind}. ` +
        'Consider using the VALUE or FORMAT function to convert one of the values.',
    );
  }
}

const KINDS: Readonly<Record<ColumnType, string>> = {
  string: 'Text',
  int64: 'Number',
  double: 'Number',
  decimal: 'Number',
  dateTime: 'Date',
  boolean: 'True/False',
};
const NAMES: Readonly<Record<string, string>> = { string: 'Text', number: 'Number', boolean: 'True/False' };
