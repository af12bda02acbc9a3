import type { SqlColumn } from '../../api/types.ts';

/**
 * A result as CSV (RFC 4180), with a line of names. Texts that a spreadsheet would take for a formula get an apostrophe before
 * them. Source: owasp.org/www-community/attacks/CSV_Injection.
 */
export function toCsv(columns: readonly SqlColumn[], rows: readonly (readonly unknown[])[]): string {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(field).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function field(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
