import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDecimalValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { Column, ColumnType } from '../model/model.ts';

/** The model's fixed decimal has four digits. */
const SCALE = 4;

export const STORED_TYPES: Readonly<Record<ColumnType, DuckDBType>> = {
  string: VARCHAR,
  int64: BIGINT,
  double: DOUBLE,
  decimal: DECIMAL(19, SCALE),
  dateTime: TIMESTAMP,
  boolean: BOOLEAN,
};

/** A value from the source as the column's type stores it. @throws Error when it cannot be converted */
export function toStored(column: Column, value: unknown): DuckDBValue {
  if (value === null || value === undefined) return null;
  switch (column.type) {
    case 'string':
      if (value instanceof Date) return value.toISOString();
      return String(value);
    case 'int64':
      if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
      if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value); // bigint comes as text
      break;
    case 'double':
      if (isNumber(value)) return Number(value);
      break;
    case 'decimal':
      if (isNumber(value)) return new DuckDBDecimalValue(BigInt(Math.round(Number(value) * 10 ** SCALE)), 19, SCALE);
      break;
    case 'dateTime':
      if (value instanceof Date) return new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      if (value === 0 || value === 1) return value === 1;
      break;
  }
  throw new Error(
    `We couldn't convert the value '${String(value)}' of column '${column.source}' to the type ${column.type} of column '${column.name}'.`,
  );
}

function isNumber(value: unknown): boolean {
  return (
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
  );
}
