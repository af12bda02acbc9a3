import { createHash } from 'node:crypto';
import { type Random, randomFrom } from '../protocol-v3/random.ts';
import { type Cast, castOf } from './cast.ts';
import { disturb, endEarly, signal, tell, tellRewound, tellTwice } from './clients.ts';
import { duplicateDeliveries } from './faults.ts';
import { checkDisk, checkQuiet } from './invariants.ts';
import { type EntityState, entitiesAfter, type Program } from './program.ts';
import { World } from './world.ts';

/** How many messages an entity hears of a client. */
const clientSignals = 3;

export interface Simulated {
  /** A digest of all that is on disk in the end, times and ids included. */
  readonly digest: string;
  readonly lives: number;
  readonly runs: number;
  readonly reruns: number;
  readonly instances: number;
}

/**
 * Lives through one story: orchestrations made by chance, clients that start, disturb and await them, and (if faulty) a
 * host that dies at any moment. The same seed is the same story to the last step.
 * @throws Violation with the invariant that did not hold.
 */
export async function simulate(seed: number, { isFaulty }: { isFaulty: boolean }): Promise<Simulated> {
  const cast = castOf(randomFrom(seed));
  const random = randomFrom(seed ^ 0x5eed);
  const world = new World({ random, isFaulty });
  const restore = isFaulty ? duplicateDeliveries(random, world.time) : () => undefined;
  try {
    return await live(world, cast, random);
  } finally {
    restore();
    world.disk.database.close();
  }
}

async function live(world: World, cast: Cast, random: Random): Promise<Simulated> {
  for (const [id, program] of Object.entries(cast.steady)) {
    world.join(`tell ${id}`, () => tell(world, id, program));
    if (random(3) === 0) {
      world.join(`disturb ${id}`, () => disturb(world, id, random(4)));
    }
  }
  world.join('rewind', () => tellRewound(world, 'rewound', cast.rewound));
  world.join('tell twice', () => tellTwice(world, 'twice', cast.twice));
  world.join('terminate', () => endEarly(world, 'victim'));
  world.join('signal', () => signal(world, clientSignals));
  await world.run();
  const dump = world.disk.dump();
  checkDisk(dump);
  checkQuiet(dump);
  checkEntities(world, cast.steady);
  world.throwIfViolated();
  const digest = createHash('sha256').update(JSON.stringify(dump)).digest('hex');
  const { runs, reruns } = world.activities;
  return { digest, lives: world.lives, runs, reruns, instances: dump.instances.length };
}

function entityState(world: World, key: string): EntityState {
  const row = world.disk.dump().entities.find(({ id }) => id === `@notes@${key}`);
  return JSON.parse(String(row?.state ?? '{"heard":{},"counter":0}')) as EntityState;
}

function checkEntities(world: World, programs: Readonly<Record<string, Program>>): void {
  for (const [key, state] of Object.entries(entitiesAfter(programs))) {
    const found = entityState(world, key);
    for (const [sender, numbers] of Object.entries(state.heard)) {
      const heard = found.heard[sender] ?? [];
      const what = () => `${key} heard ${heard} of ${sender}, not ${numbers}`;
      world.expect(sorted(heard).join() === numbers.join(), 'no message is lost or applied twice', what);
      world.expect(heard.join() === numbers.join(), 'entities hear in order', what);
    }
    const what = () => `${key} counts ${found.counter}, not ${state.counter}`;
    world.expect(found.counter === state.counter, 'the outcome is that of the program', what);
  }
  const heard = entityState(world, 'a').heard.client ?? [];
  const what = () => `a heard ${heard} of a client`;
  world.expect(new Set(heard).size === clientSignals, 'no message is lost or applied twice', what);
  world.expect(sorted(heard).join() === heard.join(), 'entities hear in order', what);
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
