// Plays random stories by their seeds; the tests play the first 1,000.
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } },
});
const [from, seeds] = [Number(values.from), Number(values.seeds)];
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seeds) || seeds < 1) {
  console.error('usage: npx node tests/emulators/functions-host/simulation/run.ts [--seeds 1000] [--from 1]');
  process.exit(2);
}
const began = performance.now();
const total = { lives: 0, runs: 0, reruns: 0, instances: 0 };
let failed = 0;
for (let seed = from; seed < from + seeds; seed++) {
  try {
    const simulated = await simulate(seed, { isFaulty: true });
    for (const key of ['lives', 'runs', 'reruns', 'instances'] as const) {
      total[key] += simulated[key];
    }
  } catch (error) {
    failed++;
    console.error(`seed ${seed}: ${(error as Error).message}`);
    console.error(`  again: npx node tests/emulators/functions-host/simulation/run.ts --seeds 1 --from ${seed}`);
  }
}
const seconds = (performance.now() - began) / 1000;
console.log(
  `${seeds} seeds, ${failed} failed, ${seconds.toFixed(1)} s: ${total.lives} lives of a host, ${total.instances} instances, ` +
    `${total.runs} runs of activities, ${total.reruns} of them again after a crash`,
);
process.exitCode = failed === 0 ? 0 : 1;
