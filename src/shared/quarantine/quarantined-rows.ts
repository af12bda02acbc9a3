import { RequestProblem } from '../http/problem.ts';
import type { Lake } from '../lake/lake.ts';
import { quarantinePaths } from '../lake/paths.ts';
import type { FileLedger, QuarantineFilter } from '../ledger/file-ledger.ts';
import type { FileRecord } from '../ledger/file-record.ts';
import { CONTAINERS } from '../names.ts';
import { parseQuarantinedRow, type QuarantinedRow } from './quarantined-row.ts';

/** Rows, and where to go on. A page may be short of its limit, and empty, although there is more. */
export interface RowPage {
  readonly items: readonly QuarantinedRow[];
  readonly continuation?: string;
}

/** A place in the list: a page of the ledger, a file of it, and a byte in that file's quarantined rows. */
interface Position {
  readonly page?: string;
  readonly id?: string;
  readonly offset: number;
}

const FILES_AT_ONCE = 20;
const CHUNK_BYTES = 1024 * 1024;
/** What one request reads at most, whatever it looks for: so its time does not grow with the rows. */
const MOST_BYTES = 8 * CHUNK_BYTES;

/**
 * Reads quarantined rows, file by file as the ledger lists them, and within a file in order. The ledger tells which files
 * have any, of which rule too, so that nothing else is opened.
 * @throws RequestProblem 400 for a continuation that was not given out, 409 when its file no longer counts
 */
export async function readQuarantinedRows(
  { files, lake }: { readonly files: FileLedger; readonly lake: Lake },
  filter: QuarantineFilter,
  limit: number,
  continuation?: string,
): Promise<RowPage> {
  const position = continuation === undefined ? { offset: 0 } : parsePosition(continuation);
  const page = await files.quarantined(filter, FILES_AT_ONCE, position.page);
  const items: QuarantinedRow[] = [];
  let left = MOST_BYTES;
  let offset = position.offset;
  for (const file of page.items.slice(begin(page.items, position))) {
    while (true) {
      if (items.length === limit || left <= 0) return { items, continuation: format(position.page, file.id, offset) };
      const chunk = await readChunk(lake, file, offset);
      for (const { row, end } of chunk.rows) {
        offset = end;
        if (filter.rule === undefined || row.rule === filter.rule) items.push(row);
        if (items.length === limit) break;
      }
      left -= chunk.bytes;
      if (chunk.last && (chunk.rows.at(-1)?.end ?? offset) === offset) break;
    }
    offset = 0;
  }
  return page.continuation === undefined ? { items } : { items, continuation: format(page.continuation, undefined, 0) };
}

interface Chunk {
  readonly rows: readonly { readonly row: QuarantinedRow; readonly end: number }[];
  readonly bytes: number;
  /** The file ends here. */
  readonly last: boolean;
}

/** Whole lines from a byte on; as many bytes as the first of them takes, if that is a long one. */
async function readChunk(lake: Lake, file: FileRecord, offset: number): Promise<Chunk> {
  const path = quarantinePaths.rows(file.dataset, file.batch ?? '', file.path);
  for (let size = CHUNK_BYTES; ; size *= 4) {
    const bytes = await lake.range(CONTAINERS.quarantine, path, offset, size);
    if (bytes === undefined) return { rows: [], bytes: 0, last: true };
    const end = bytes.lastIndexOf(0x0a) + 1;
    const last = bytes.length < size;
    if (end === 0 && !last) continue;
    const rows: { row: QuarantinedRow; end: number }[] = [];
    for (let at = 0; at < end; ) {
      const next = bytes.indexOf(0x0a, at) + 1;
      rows.push({ row: parseQuarantinedRow(bytes.toString('utf8', at, next)), end: offset + next });
      at = next;
    }
    return { rows, bytes: bytes.length, last };
  }
}

function begin(items: readonly FileRecord[], { id }: Position): number {
  if (id === undefined) return 0;
  const index = items.findIndex((file) => file.id === id);
  if (index === -1)
    throw new RequestProblem(409, 'What cursor points to was replaced meanwhile; leave it away to start again.');
  return index;
}

function format(page: string | undefined, id: string | undefined, offset: number): string {
  return JSON.stringify({ page, id, offset } satisfies Record<keyof Position, unknown>);
}

function parsePosition(text: string): Position {
  try {
    const { page, id, offset } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const known = [page, id].every((part) => part === undefined || typeof part === 'string');
    if (known && typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0)
      return { offset, ...(page === undefined ? {} : { page }), ...(id === undefined ? {} : { id }) } as Position;
  } catch {
    // falls through: not ours
  }
  throw new RequestProblem(400, 'cursor is not one that this API gave out; leave it away to start from the beginning.');
}
