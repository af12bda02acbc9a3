import type { Readable } from 'node:stream';
import { ActivityError } from '../engine/activity-error.ts';
import type { Column } from './table.ts';

/** How a delimited file is written. */
export interface DelimitedFormat {
  readonly delimiter: string;
  /** Empty: no quoting. */
  readonly quote: string;
  readonly escapeWith: string;
  readonly firstRowAsHeader: boolean;
  readonly nullValue: string;
  /** Ends rows when written; read are all usual line ends. */
  readonly rowDelimiter: string;
}

const BATCH_ROWS = 1000;

/** Reads the records of delimited text as they come; quoted fields may hold line ends. */
export async function* readRecords(
  source: Readable,
  { delimiter, quote, escapeWith, nullValue }: DelimitedFormat,
): AsyncGenerator<(string | null)[][]> {
  let record: (string | null)[] = [];
  let batch: (string | null)[][] = [];
  let field = '';
  let quoted = false; // the field began with a quote
  let open = false; // its quote has not been closed
  const endField = (): void => {
    record.push(!quoted && field === nullValue ? null : field);
    field = '';
    quoted = false;
  };
  const endRecord = (): void => {
    const isBlank = record.length === 0 && field === '' && !quoted;
    if (!isBlank) {
      endField();
      batch.push(record);
    }
    record = [];
  };
  let text = '';
  const decoder = new TextDecoder();
  const take = (isLast: boolean): void => {
    let at = 0;
    // A sign of several characters may be cut by the end of a chunk.
    const safe = isLast ? text.length : text.length - Math.max(2, delimiter.length);
    while (at < safe) {
      const character = text[at] ?? '';
      if (open) {
        if (
          escapeWith !== quote &&
          escapeWith !== '' &&
          character === escapeWith &&
          (text[at + 1] === quote || text[at + 1] === escapeWith)
        ) {
          field += text[at + 1];
          at += 2;
        } else if (character === quote && escapeWith === quote && text[at + 1] === quote) {
          field += quote;
          at += 2;
        } else if (character === quote) {
          open = false;
          at += 1;
        } else {
          field += character;
          at += 1;
        }
      } else if (quote !== '' && character === quote && field === '' && !quoted) {
        quoted = true;
        open = true;
        at += 1;
      } else if (text.startsWith(delimiter, at)) {
        endField();
        at += delimiter.length;
      } else if (character === '\n' || character === '\r') {
        at += character === '\r' && text[at + 1] === '\n' ? 2 : 1;
        endRecord();
      } else {
        field += character;
        at += 1;
      }
    }
    text = text.slice(at);
  };
  for await (const chunk of source) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    take(false);
    if (batch.length >= BATCH_ROWS) {
      yield batch;
      batch = [];
    }
  }
  text += decoder.decode();
  take(true);
  if (open)
    throw new ActivityError(
      'DelimitedTextMoreColumnsThanDefined',
      'A quoted field is not closed at the end of the file.',
    );
  endRecord();
  if (batch.length > 0) yield batch;
}

/** Reads a delimited file as a table: names come from the first row, or are Prop_0, Prop_1, … */
export async function readDelimited(source: Readable, format: DelimitedFormat) {
  const records = readRecords(source, format);
  const begin = await records.next();
  const first = begin.done === true ? [] : begin.value;
  const header = first[0] ?? [];
  const names = format.firstRowAsHeader
    ? header.map((name, at) => name ?? `Prop_${at}`)
    : header.map((_, at) => `Prop_${at}`);
  const columns = names.map((name): Column => ({ name, type: 'string' }));
  async function* batches() {
    yield check(format.firstRowAsHeader ? first.slice(1) : first);
    for await (const batch of records) yield check(batch);
  }
  const check = (batch: (string | null)[][]): (string | null)[][] => {
    const odd = batch.find((record) => record.length > columns.length);
    if (odd === undefined) return batch.map((record) => (record.length === columns.length ? record : pad(record)));
    throw new ActivityError(
      'DelimitedTextMoreColumnsThanDefined',
      `ErrorCode=DelimitedTextMoreColumnsThanDefined, a row has ${odd.length} columns, the header ${columns.length}: ${odd.slice(0, 5).join(', ')}…`,
    );
  };
  const pad = (record: (string | null)[]): (string | null)[] => [
    ...record,
    ...Array.from({ length: columns.length - record.length }, () => null),
  ];
  return { columns, batches: batches() };
}
