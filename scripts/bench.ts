import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './stack/endpoints.ts';

/** What a benchmark found; printed as the last line. */
export interface BenchResult {
  readonly bench: string;
  readonly ratios: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, number>>;
}

// `npm run bench -- <name>`: runs bench/<name>/bench.ts, whose default export gives the result.
const [name] = process.argv.slice(2);
const folder = join(ROOT, 'bench');
const known = readdirSync(folder).filter((entry) => existsSync(join(folder, entry, 'bench.ts')));
if (name === undefined || !known.includes(name)) {
  console.error(`Usage: npm run bench -- <${known.join('|')}>`);
  process.exit(2);
}
const { default: run } = (await import(join(folder, name, 'bench.ts'))) as { default: () => Promise<BenchResult> };
console.log(JSON.stringify(await run()));
