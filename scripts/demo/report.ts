import { addRows, NO_ROWS, type RowCounts } from '../../src/shared/ledger/file-record.ts';
import type { ApiFile, ApiInsightPage, ApiPipelineRun, ApiRun } from '../api-client.ts';

/** What `npm run demo -- --json` prints as its last line. */
export interface DemoSummary {
  readonly files: number;
  readonly rows: RowCounts;
  readonly insights: number;
  readonly seconds: {
    readonly up: number;
    readonly readable: number;
    /** Until the semantic model showed the last batch. */
    readonly modelShows: number;
    readonly total: number;
    readonly steps: Readonly<Record<string, number>>;
  };
}

/** The books of some files, added up. */
export function booksOf(files: readonly ApiFile[]): RowCounts {
  return addRows(files.map((file) => file.rows ?? NO_ROWS));
}

/** Seconds spent in each step, over some runs. */
export function stepSeconds(runs: readonly ApiRun[]): Record<string, number> {
  const seconds: Record<string, number> = {};
  for (const run of runs) {
    for (const [name, step] of Object.entries(run.steps))
      seconds[name] = round((seconds[name] ?? 0) + (step.seconds ?? 0));
  }
  return seconds;
}

/** Which system does a step. */
const SYSTEMS: Readonly<Record<string, string>> = {
  inspect: 'Blob Storage',
  quality: 'Functions',
  ...{ cleanse: 'Databricks', train: 'Databricks', score: 'Databricks', rescore: 'Databricks', insights: 'Databricks' },
  ...{ load: 'Synapse', publish: 'Synapse' },
  upsert: 'Cosmos DB',
};

/** One line about a finished step, and the system that did it. */
export function stepLine(run: ApiRun, name: string): string {
  const step = run.steps[name];
  const rows = step?.rows === undefined ? '' : `${count(step.rows)} rows`;
  const system = (SYSTEMS[name] ?? 'Functions').padEnd(13);
  return `  ${run.id.padEnd(21)} ${system} ${name.padEnd(9)} ${`${(step?.seconds ?? 0).toFixed(2)} s`.padStart(8)}  ${[rows, step?.detail].filter(Boolean).join(', ')}`.trimEnd();
}

/** One line about a file that has ended. */
export function fileLine(file: ApiFile): string {
  const { rows } = file;
  const books =
    rows === undefined || rows.read === 0
      ? ''
      : `${count(rows.read)} read = ${count(rows.loaded)} loaded + ${rows.quarantined} quarantined + ${rows.duplicates} duplicates + ${rows.superseded} superseded`;
  return `  ${file.path.padEnd(18)} ${file.status.padEnd(10)} ${[books, file.reason].filter(Boolean).join(' — ')}`.trimEnd();
}

/** One line about each table that a pipeline copied, and one about the run. */
export function pipelineLines(run: ApiPipelineRun): string[] {
  const line = (what: string, seconds: number, rows: number, rest: string): string =>
    `  ${run.pipeline.padEnd(21)} ${'Data Factory'.padEnd(13)} ${what.padEnd(9)} ${`${seconds.toFixed(2)} s`.padStart(8)}  ${count(rows)} rows${rest}`;
  const copies = run.copies.map(({ table = 'file', seconds, rowsWritten, landed = '' }) =>
    line(table, seconds, rowsWritten, ` → ${landed}`),
  );
  const seconds = (Date.parse(run.endedAt ?? run.startedAt) - Date.parse(run.startedAt)) / 1000;
  const files = run.filesWritten === 0 ? ': nothing changed, no file' : ` in ${run.filesWritten} files`;
  return [...copies, line('run', seconds, run.rowsWritten, files)];
}

/** A few rows of an insight as a table. */
export function table(page: Pick<ApiInsightPage, 'items'>, columns: readonly string[], most: number): string[] {
  const cells = page.items.slice(0, most).map((row) => columns.map((column) => cell(row[column])));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  return [columns, ...cells].map((row) =>
    `    ${row.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
}

function cell(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? count(value) : value.toFixed(3);
  return value === null || value === undefined ? '' : String(value);
}

/** A number with thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Seconds to the millisecond. */
export function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
