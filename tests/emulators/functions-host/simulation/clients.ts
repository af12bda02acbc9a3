import type { DurableEngine } from '../../../../emulators/functions-host/engine/engine.ts';
import { isTerminal } from '../../../../emulators/functions-host/engine/types.ts';
import { outcomeOf, type Program, stepsOf } from './program.ts';
import type { World } from './world.ts';

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

export async function tell(world: World, id: string, program: Program): Promise<void> {
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
export async function disturb(world: World, id: string, times: number): Promise<void> {
  await world.eventually((engine) => engine.queries.instance(id));
  for (let i = 0; i < times; i++) {
    await world.pause();
    await world.ask((engine) => engine.suspend(id, 'a break'));
    await world.pause();
    await world.ask((engine) => engine.resume(id, 'enough'));
  }
}

/** A story that fails until it is mended; it is rewound, and asked again and again. */
export async function tellRewound(world: World, id: string, program: Program): Promise<void> {
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
export async function tellTwice(world: World, id: string, program: Program): Promise<void> {
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
export async function signal(world: World, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await world.pause();
    await world.ask((engine) => engine.signalEntity('notes', 'a', 'note', JSON.stringify({ from: 'client', n })));
  }
}

/** A story that nobody would hear the end of, terminated. */
export async function endEarly(world: World, id: string): Promise<void> {
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
