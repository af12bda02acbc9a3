import type { DelimitedFormat } from './read-delimited.ts';
import { type Cell, cellText, type Table } from './table.ts';

/** Writes a table as delimited text, piece by piece; a field is quoted when it must be, or always. */
export async function* writeDelimited(
  table: Table,
  format: DelimitedFormat,
  quoteAll: boolean,
): AsyncGenerator<string> {
  const { delimiter, quote, escapeWith, nullValue, rowDelimiter } = format;
  const special = [delimiter, quote, '\n', '\r'].filter((sign) => sign !== '');
  const write = (cell: Cell): string => {
    if (cell === null || cell === undefined) return nullValue;
    const text = cellText(cell);
    const quotes = quote !== '' && (quoteAll || text === nullValue || special.some((sign) => text.includes(sign)));
    if (!quotes) return text;
    const escaped = escapeWith === quote ? text : text.replaceAll(escapeWith, escapeWith + escapeWith);
    return quote + escaped.replaceAll(quote, escapeWith + quote) + quote;
  };
  const line = (cells: readonly Cell[]): string => `${cells.map(write).join(delimiter)}${rowDelimiter}`;
  if (format.firstRowAsHeader) yield line(table.columns.map(({ name }) => name));
  for await (const batch of table.batches) yield batch.map(line).join('');
}
