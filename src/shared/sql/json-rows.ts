import type { StatementColumn, StatementRows } from '../databricks/statement-client.ts';

const NUMBERS = new Set(['BYTE', 'SHORT', 'INT', 'LONG', 'FLOAT', 'DOUBLE']);
const NESTED = new Set(['ARRAY', 'MAP', 'STRUCT']);

/**
 * Rows in JSON's own types, by the columns' types. What JSON cannot hold exactly stays text: decimals, whole numbers
 * beyond 2^53, NaN and infinities, dates and times.
 */
export function toJsonRows(columns: readonly StatementColumn[], { rows }: StatementRows): unknown[][] {
  return rows.map((row) => row.map((text, index) => toJson(columns[index]?.type ?? 'STRING', text)));
}

function toJson(type: string, text: string | null): unknown {
  if (text === null) return null;
  if (type === 'BOOLEAN') return text === 'true';
  if (NESTED.has(type)) return JSON.parse(text) as unknown;
  if (!NUMBERS.has(type)) return text;
  const number = Number(text);
  const isExact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isExact || (Number.isFinite(number) && (type === 'FLOAT' || type === 'DOUBLE')) ? number : text;
}
