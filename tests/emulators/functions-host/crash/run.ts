import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cleanUp, newFolder } from '../start-host.ts';
import { dieAndGoOn, type Kill, openJobService } from './real-kills.ts';

// Kills real hosts before and after every write of the scenario; with --again the next one, too, at every write of its.
const { values } = parseArgs({ options: { again: { type: 'boolean', default: false } } });
const phases = ['before', 'after'] as const;
const service = await openJobService();
const folder = newFolder();
let tried = 0;
let failed = 0;

async function attempt(kills: readonly Kill[]): Promise<number> {
  const label = kills.map(({ write, phase }) => `${phase} write ${write}`).join(', then ');
  const data = join(folder, `${++tried}`);
  try {
    const deaths = await dieAndGoOn(data, service.origin, kills);
    rmSync(data, { recursive: true, force: true });
    return deaths;
  } catch (error) {
    failed++;
    console.error(`killed ${label}: ${(error as Error).message}`);
    return kills.length;
  }
}

for (let write = 1, isReached = true; isReached; write++) {
  for (const phase of phases) {
    const first = { write, phase };
    isReached = (await attempt([first])) === 1;
    for (let next = 1, isNextReached = isReached && values.again; isNextReached; next++) {
      for (const nextPhase of phases) {
        isNextReached = (await attempt([first, { write: next, phase: nextPhase }])) === 2;
      }
    }
  }
}
console.log(`${tried} stories with a kill, ${failed} failed`);
service.close();
await cleanUp();
process.exitCode = failed === 0 ? 0 : 1;
