import type { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { ActivityError } from '../engine/activity-error.ts';
import { toValue, writeJson } from '../expressions/index.ts';
import type { Cell, Column, Table } from './table.ts';

/** Reads JSON documents: one, an array of them, or one a line. */
export async function readJsonDocuments(source: Readable): Promise<unknown[]> {
  const text = (await readText(source)).replace(/^\uFEFF/, '').trim();
  if (text === '') return [];
  try {
    const whole: unknown = JSON.parse(text);
    return Array.isArray(whole) ? whole : [whole];
  } catch (error) {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    if (lines.length < 2) throw invalid(error);
    return lines.map((line) => {
      try {
        return JSON.parse(line) as unknown;
      } catch (cause) {
        throw invalid(cause);
      }
    });
  }
}

function invalid(cause: unknown): ActivityError {
  return new ActivityError('JsonInvalidDataFormat', `ErrorCode=JsonInvalidDataFormat, the file is no JSON: ${cause}`, {
    cause,
  });
}

/** The documents' own properties as columns. */
export function tableOfDocuments(documents: readonly unknown[]): Table {
  const names = new Set<string>();
  for (const document of documents) {
    if (typeof document === 'object' && document !== null) for (const name of Object.keys(document)) names.add(name);
  }
  const columns = [...names].map((name): Column => ({ name, type: 'json' }));
  const rows = documents.map((document) =>
    columns.map(({ name }): Cell => (document as Readonly<Record<string, unknown>> | null)?.[name] ?? null),
  );
  return { columns, batches: once(rows) };
}

export async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** Writes a table as JSON lines, or as one array; a field that is null is left out. */
export async function* writeJsonFile(table: Table, pattern: 'setOfObjects' | 'arrayOfObjects'): AsyncGenerator<string> {
  const { columns } = table;
  const write = (row: readonly Cell[]): string =>
    writeJson(
      toValue(
        Object.fromEntries(
          columns.flatMap(({ name, type }, at) => {
            const cell = row[at];
            if (cell === null || cell === undefined) return [];
            return [[name, jsonCell(cell, type)]];
          }),
        ),
      ),
    );
  if (pattern === 'setOfObjects') {
    for await (const batch of table.batches) yield batch.map((row) => `${write(row)}\r\n`).join('');
    return;
  }
  let first = true;
  yield '[';
  for await (const batch of table.batches) {
    if (batch.length === 0) continue;
    yield (first ? '' : ',') + batch.map(write).join(',');
    first = false;
  }
  yield ']';
}

/** A cell as JSON has it: times in ISO 8601, whole numbers of 64 bits with all their digits. */
export function jsonCell(cell: Cell, type: Column['type']): unknown {
  if (type === 'datetime' && typeof cell === 'string') return `${cell.replace(' ', 'T').replace(/\.?0+$/, '')}Z`;
  if (type === 'date' && typeof cell === 'string') return `${cell}T00:00:00Z`;
  if (type === 'int64' && typeof cell === 'string' && /^-?\d+$/.test(cell)) return BigInt(cell);
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('base64') : cell;
}
