import { createHash } from 'node:crypto';
import type { DurableEngine } from '../../../../emulators/functions-host/engine/engine.ts';
import { isTerminal } from '../../../../emulators/functions-host/engine/types.ts';
import { randomFrom } from '../protocol-v3/random.ts';
import { duplicateDeliveries } from './faults.ts';
import { checkDisk, checkQuiet } from './invariants.ts';
import {
  type EntityState,
  entitiesAfter,
  outcomeOf,
  type Program,
  type Step,
  stepsOf,
  type TaskStep,
} from './program.ts';
import { randomProgram } from './random-program.ts';
import { World } from './world.ts';

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
  const programs = programsOf(randomFrom(seed));
  const random = randomFrom(seed ^ 0x5eed);
  const world = new World({ random, isFaulty });
  const restore = isFaulty ? duplicateDeliveries(random, world.time) : () => undefined;
  try {
    return await live(world, programs, random);
  } finally {
    restore();
    world.disk.database.close();
  }
}

async function live(world: World, programs: Programs, random: Random): Promise<Simulated> {
  for (const [id, program] of Object.entries(programs.steady)) {
    world.join(`tell ${id}`, () => tell(world, id, program));
    if (random(3) === 0) {
      world.join(`disturb ${id}`, () => disturb(world, id, random(4)));
    }
  }
  world.join('rewind', () => tellRewound(world, 'rewound', programs.rewound));
  world.join('tell twice', () => tellTwice(world, 'twice', programs.twice));
  world.join('terminate', () => endEarly(world, 'victim'));
  world.join('signal', () => signal(world, clientSignals));
  await world.run();
  const dump = world.disk.dump();
  checkDisk(dump);
  checkQuiet(dump);
  checkEntities(world, programs.steady);
  world.throwIfViolated();
  const digest = createHash('sha256').update(JSON.stringify(dump)).digest('hex');
  const { runs, reruns } = world.activities;
  return { digest, lives: world.lives, runs, reruns, instances: dump.instances.length };
}

type Random = (below: number) => number;
type Programs = ReturnType<typeof programsOf>;

/** How many messages an entity hears of a client. */
const clientSignals = 3;

function programsOf(random: Random) {
  const program = (instanceId: string, steps: number, entities: boolean) =>
    randomProgram(random, { instanceId, steps, depth: 2, entities, again: entities });
  const steady: Record<string, Program> = {};
  for (let i = random(3); i >= 0; i--) {
    steady[`story-${i}`] = program(`story-${i}`, 2 + random(4), true);
  }
  const rewound: Program = [
    ...withoutEvents(program('rewound', random(3), false)),
    brokenStep(random, program),
    ...withoutEvents(program('rewound/after', random(2), false)),
  ];
  const twice = withoutEvents(program('twice', 1 + random(2), false));
  return { steady, rewound, twice };
}

/** A step that fails until it is mended: an activity, alone or beside others, or one of a child or grandchild. */
function brokenStep(random: Random, program: (id: string, steps: number, entities: boolean) => Program): Step {
  const mend: TaskStep = { do: 'mend', key: 'rewound/mend' };
  const child = (id: string, step: TaskStep): TaskStep => ({
    do: 'child',
    id,
    program: [...withoutEvents(program(`${id}/before`, random(2), false)), step],
  });
  switch (random(4)) {
    case 0:
      return mend;
    case 1:
      return child('rewound-child', child('rewound-grandchild', mend));
    case 2:
      return { do: 'all', steps: [child('rewound-child', mend), { do: 'activity', key: 'rewound/beside' }, mend] };
    default:
      return {
        do: 'all',
        steps: [
          { do: 'timer', ms: 500 },
          child('rewound-child', mend),
          child('rewound-sister', { do: 'flaky', key: 'rewound/flaky', fails: 1, attempts: 3 }),
        ],
      };
  }
}

/** Children keep their ids, and events their names, so that what runs again must not wait for them. */
function withoutEvents(program: Program): Program {
  return program.map((step) => {
    switch (step.do) {
      case 'event':
        return { do: 'activity', key: step.name };
      case 'child':
        return { ...step, program: withoutEvents(step.program) };
      case 'all':
      case 'any':
        return { ...step, steps: withoutEvents(step.steps) as typeof step.steps };
      default:
        return step;
    }
  });
}

async function start(world: World, id: string, program: Program): Promise<void> {
  await world.pause();
  await world.ask(async (engine) => {
    // Asked again after a crash, it may have been started already.
    if (engine.queries.instance(id) === undefined) {
      const options = { name: 'story', input: JSON.stringify({ program }), instanceId: id };
      const [, second] = await Promise.all([engine.startInstance(options), engine.startInstance(options)]);
      world.expect(second === undefined, 'no message is lost or applied twice', () => `${id} is started twice`);
      const isKept = engine.queries.instance(id) !== undefined && !world.disk.database.isTransaction;
      world.expect(isKept, 'what is answered is on disk', () => id);
    }
  });
}

/** The output of an instance, once it is over. */
async function outputOf(world: World, id: string): Promise<unknown> {
  const over = await world.eventually((engine) => {
    const summary = engine.queries.instance(id);
    return summary !== undefined && isTerminal(summary.status) ? summary : undefined;
  });
  return JSON.parse(over.output ?? 'null');
}

function expectOutcome(world: World, id: string, output: unknown, program: Program): void {
  const [told, expected] = [JSON.stringify(output), JSON.stringify(outcomeOf(program))];
  world.expect(told === expected, 'the outcome is that of the program', () => `${id} tells ${told}, not ${expected}`);
}

async function tell(world: World, id: string, program: Program): Promise<void> {
  for (const { instanceId, round, step } of stepsOf(id, program)) {
    if (step.do === 'event') {
      world.join(`raise ${step.name}`, () => raise(world, instanceId, round, step.name));
    }
  }
  await start(world, id, program);
  expectOutcome(world, id, await outputOf(world, id), program);
}

/** Raises an event early or late, yet not before the execution that waits for it: starting over forgets what it had heard. */
async function raise(world: World, instanceId: string, round: number, name: string): Promise<void> {
  const isInRound = (engine: DurableEngine) => {
    const { customStatus, status } = engine.queries.instance(instanceId) ?? {};
    const now =
      (JSON.parse(customStatus ?? 'null') as { round: number } | null)?.round ?? (status === undefined ? -1 : 0);
    return now >= round ? true : undefined;
  };
  await world.eventually(isInRound);
  await world.pause();
  await world.ask((engine) => engine.raiseEvent(instanceId, name, JSON.stringify(name)));
}

/** Suspends and resumes, which changes nothing. */
async function disturb(world: World, id: string, times: number): Promise<void> {
  await world.eventually((engine) => engine.queries.instance(id));
  for (let i = 0; i < times; i++) {
    await world.pause();
    await world.ask((engine) => engine.suspend(id, 'a break'));
    await world.pause();
    await world.ask((engine) => engine.resume(id, 'enough'));
  }
}

/** A story that fails until it is mended; it is rewound, and asked again and again. */
async function tellRewound(world: World, id: string, program: Program): Promise<void> {
  await start(world, id, program);
  await world.eventually((engine) => (engine.queries.instance(id)?.status === 'Failed' ? true : undefined));
  world.activities.mend('rewound/mend');
  await world.eventually(async (engine) => {
    // What had started before it was mended may fail after the first time.
    await Promise.all([engine.rewind(id, 'mended'), engine.rewind(id, 'mended')]);
    return engine.queries.instance(id)?.status === 'Completed' ? true : undefined;
  });
  expectOutcome(world, id, await outputOf(world, id), program);
}

/** A story that is told, told again under its id, and purged. */
async function tellTwice(world: World, id: string, program: Program): Promise<void> {
  await start(world, id, program);
  const first = await world.ask((engine) => engine.queries.instance(id)?.createdAt);
  expectOutcome(world, id, await outputOf(world, id), program);
  await world.pause();
  await world.ask(async (engine) => {
    if (engine.queries.instance(id)?.createdAt === first) {
      await engine.startInstance({ name: 'story', input: JSON.stringify({ program }), instanceId: id });
    }
  });
  expectOutcome(world, id, await outputOf(world, id), program);
  await world.ask((engine) => engine.purge(id));
  const isGone = await world.ask((engine) => engine.queries.instance(id) === undefined);
  world.expect(isGone, 'what is answered is on disk', () => `${id} is back after it was purged`);
}

/** Messages of a client to an entity. It may say again what it has no answer to. */
async function signal(world: World, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await world.pause();
    await world.ask((engine) => engine.signalEntity('notes', 'a', 'note', JSON.stringify({ from: 'client', n })));
  }
}

/** A story that nobody would hear the end of, terminated. */
async function endEarly(world: World, id: string): Promise<void> {
  await start(world, id, [
    {
      do: 'all',
      steps: [
        { do: 'activity', key: `${id}/0` },
        { do: 'timer', ms: 400 * 86_400_000 },
      ],
    },
    { do: 'event', name: 'never' },
  ]);
  await world.pause();
  await world.ask((engine) => engine.terminate(id, 'enough'));
  const output = await outputOf(world, id);
  world.expect(output === 'enough', 'the outcome is that of the program', () => `${id} ends with ${output}`);
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
