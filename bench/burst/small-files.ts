import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLIGHTS } from '../support/with-stack.ts';

/** A file to be landed. */
export interface SmallFile {
  readonly path: string;
  readonly content: Buffer;
  readonly rows: number;
}

/** The year of flights cut into a number of CSV files of the same size, in order. */
export function smallFiles(count: number): readonly SmallFile[] {
  const [header, rows] = readYear();
  return Array.from({ length: count }, (_, index) => {
    const some = rows.slice(Math.floor((index * rows.length) / count), Math.floor(((index + 1) * rows.length) / count));
    return {
      path: `flights/burst-${String(index + 1).padStart(6, '0')}.csv`,
      content: Buffer.from(`${[header, ...some].join('\n')}\n`),
      rows: some.length,
    };
  });
}

function readYear(): readonly [string, readonly string[]] {
  const months = readdirSync(FLIGHTS)
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => readFileSync(join(FLIGHTS, name), 'utf8').trimEnd().split('\n'));
  return [months[0]?.[0] ?? '', months.flatMap(([, ...rows]) => rows)];
}
