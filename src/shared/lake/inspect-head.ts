import type { Contract } from '../contracts/contract.ts';
import { landedFormat } from '../contracts/landed-format.ts';
import { inspectCsv } from './inspect-csv.ts';

/** First bytes of what the job unpacks: gzip, zstd, zip. */
const PACKED = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.from('PK\u0003\u0004')];

const MOST_HEADER_LINES = 50;
const PARQUET = Buffer.from('PAR1');
const AVRO = Buffer.from('Obj\u0001');

/** An Excel workbook is a zip archive of XML. */
const WORKBOOK = Buffer.from('PK\u0003\u0004');

/** What an Excel workbook is that is protected by a password, or of Excel 97 to 2003. */
const OLE_STORAGE = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/**
 * Judges the beginning of a file against its contract, as far as that is cheap; the cleanse job looks at all of it.
 * @param head the file's first bytes (all of them if it is short)
 * @returns what is wrong, for a person; undefined when the file may be cleansed.
 */
export function inspectHead(contract: Contract, path: string, head: Buffer): string | undefined {
  const { compression = 'auto', encoding = 'utf-8', csv } = contract.arrival;
  const format = landedFormat(contract.arrival, path);
  if (format === 'media') return undefined;
  if (format === 'excel') return inspectWorkbook(head);
  if (format === 'parquet') {
    return begins(head, PARQUET) ? undefined : 'The file is not Parquet: it does not begin with PAR1.';
  }
  if (format === 'avro') return begins(head, AVRO) ? undefined : 'The file is not Avro: it does not begin with Obj.';
  if (compression !== 'none' && PACKED.some((magic) => begins(head, magic))) return undefined;
  if (encoding !== 'utf-16' && head.includes(0)) return 'The file is binary, not text: it contains zero bytes.';
  if (format !== 'csv' || csv?.header === false) return undefined;
  const header = headerOf(head, encoding);
  if (header === undefined) return `The file is not ${encoding.toUpperCase()} text: its header cannot be decoded.`;
  return inspectCsv(contract, header);
}

function begins(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic);
}

function inspectWorkbook(head: Buffer): string | undefined {
  if (begins(head, WORKBOOK)) return undefined;
  return begins(head, OLE_STORAGE)
    ? 'The workbook is protected by a password, or of Excel 97 to 2003: save it as .xlsx without one.'
    : 'The file is no Excel workbook (.xlsx).';
}

function headerOf(head: Buffer, encoding: string): string | undefined {
  try {
    if (encoding === 'utf-16') {
      const text = new TextDecoder('utf-16').decode(head);
      return text.slice(0, endOfHeader(text));
    }
    // Only the header is decoded: a line after it that is not of the encoding is for the job to judge.
    const bytes = head.subarray(0, endOfHeader(head.toString('latin1')));
    return new TextDecoder(encoding === 'latin-1' ? 'latin1' : encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Where the header ends: with its line, unless a quoted name goes on over the next ones. */
function endOfHeader(text: string): number {
  const firstEnd = text.indexOf('\n');
  let end = firstEnd;
  for (let lines = 0; end !== -1 && lines < MOST_HEADER_LINES; lines++) {
    if (text.slice(0, end).split('"').length % 2 === 1) return end;
    end = text.indexOf('\n', end + 1);
  }
  return firstEnd === -1 ? text.length : firstEnd;
}
