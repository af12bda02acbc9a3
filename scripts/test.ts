import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installChromium } from './setup/chromium.ts';
import { ROOT } from './stack/endpoints.ts';
import { type Part, parts, type Tally } from './test/parts.ts';

// `npm test`: every part, even after one has failed; `npm test -- jest pytest` runs only the parts so named.
const wanted = process.argv.slice(2);
mkdirSync(join(ROOT, '.landfall', 'test'), { recursive: true });
if (wanted.length === 0 || wanted.includes('end to end') || wanted.includes('web app')) installChromium();
const results = parts()
  .filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  .map((part) => ({ name: part.name, ...runPart(part) }));
if (results.length === 0) {
  console.error(
    `There is no part named ${wanted.join(', ')}; the parts are: ${parts()
      .map(({ name }) => name)
      .join(', ')}.`,
  );
  process.exit(2);
}

console.log('\nSummary');
for (const { name, passed, failed, seconds } of results) {
  console.log(
    `  ${failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds.toFixed(1).padStart(7)} s`,
  );
}
const sum = (pick: (tally: Tally) => number): number => results.reduce((total, result) => total + pick(result), 0);
const failed = sum((tally) => tally.failed);
console.log(`${sum((tally) => tally.passed)} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function runPart(part: Part): Tally & { readonly seconds: number } {
  console.log(`\n── ${part.name} ──`);
  const began = performance.now();
  const { status, error } = spawnSync(part.command, part.args, { cwd: ROOT, stdio: 'inherit' });
  if (error) console.error(`${part.name} could not be run: ${error.message}`);
  const tally = count(part, status ?? 1);
  const seconds = (performance.now() - began) / 1000;
  return { ...tally, failed: status === 0 ? tally.failed : Math.max(1, tally.failed), seconds };
}

function count(part: Part, status: number): Tally {
  try {
    return part.tally(status);
  } catch (error) {
    console.error(`${part.name} left no report: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1 };
  }
}
