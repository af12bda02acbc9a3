import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { mapSome } from '../src/shared/some-at-once.ts';
import { installChromium } from './setup/chromium.ts';
import { ROOT } from './stack/endpoints.ts';
import { type Part, parts, type Tally } from './test/parts.ts';

// `npm test`: every part, even after one has failed; `npm test -- jest pytest` runs only the parts so named.
const wanted = process.argv.slice(2);
mkdirSync(join(ROOT, '.landfall', 'test'), { recursive: true });
if (wanted.length === 0 || wanted.includes('end to end') || wanted.includes('web app')) installChromium();
const chosen = parts().filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const quick = chosen.filter(({ beside }) => beside);
const results = [...(await mapSome(quick, 2, runPart))];
for (const part of chosen) if (!part.beside) results.push(await runPart(part));
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

async function runPart(part: Part): Promise<Tally & { readonly name: string; readonly seconds: number }> {
  const { name, command, args, beside } = part;
  const heading = `\n── ${name} ──`;
  if (!beside) console.log(heading);
  const began = performance.now();
  // What parts that go on beside each other say is told in one piece.
  const output = beside ? 'pipe' : 'inherit';
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', output, output] });
  const said = Promise.all([child.stdout, child.stderr].map((stream) => (stream === null ? '' : text(stream))));
  const status = await once(child, 'close').then(
    ([code]: (number | null)[]) => code ?? 1,
    (error: Error) => {
      console.error(`${name} could not be run: ${error.message}`);
      return 1;
    },
  );
  if (beside) console.log(`${heading}\n${(await said).join('').trimEnd()}`);
  const tally = count(part, status);
  const seconds = (performance.now() - began) / 1000;
  return { name, ...tally, failed: status === 0 ? tally.failed : Math.max(1, tally.failed), seconds };
}

function count(part: Part, status: number): Tally {
  try {
    return part.tally(status);
  } catch (error) {
    console.error(`${part.name} left no report: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1 };
  }
}
