import { expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { Disk } from '../simulation/disk.ts';
import { SimulatedProcess } from '../simulation/process.ts';
import { settled, VirtualTime } from '../simulation/virtual-time.ts';

const counter = new df.EntityId('counter', 'c');

/** Runs a story whose activity fails until it is mended, has it rewound, and gives its end. */
async function tellAndRewind(story: df.OrchestrationHandler, slowEntityMs: number) {
  const time = new VirtualTime();
  const disk = new Disk();
  let isMended = false;
  let turns = 0;
  const process = new SimulatedProcess({
    disk,
    time,
    onFatal: (error) => {
      throw error;
    },
    app: {
      orchestrators: { story },
      entity: (context) => {
        const value = Number(context.df.getState(() => 0)) + 1;
        context.df.setState(value);
        context.df.return(value);
      },
      activity: async () => {
        if (!isMended) {
          throw new Error('it is broken');
        }
        return 'mended';
      },
      // After the first turn of the story, the first thing that runs is the entity.
      think: () => (++turns === 2 ? time.sleep(slowEntityMs) : undefined),
    },
  });
  const untilQuiet = async () => {
    for (await settled(); await time.step(); );
  };
  void process.engine.startInstance({ name: 'story', input: null, instanceId: 'story' });
  await untilQuiet();
  expect(process.engine.queries.instance('story')?.status).toBe('Failed');
  isMended = true;
  const rewound = process.engine.rewind('story', 'mended');
  await untilQuiet();
  expect(await rewound).toBe('done');
  return process.engine.queries.instance('story');
}

test.each([0, 60_000])(
  'a story that called an entity is rewound, whenever the answer comes (%i ms)',
  async (slowEntityMs) => {
    const end = await tellAndRewind(function* (context) {
      return yield context.df.Task.all([context.df.callActivity('a'), context.df.callEntity(counter, 'add')]);
    }, slowEntityMs);
    expect([end?.status, JSON.parse(end?.output ?? 'null')[0]]).toEqual(['Completed', 'mended']);
  },
);

test('a story that failed with a lock in its hands takes it again', async () => {
  const end = await tellAndRewind(function* (context) {
    const lock: df.DurableLock = yield context.df.lock(counter);
    const result = yield context.df.callActivity('a');
    yield context.df.callEntity(counter, 'add');
    lock.release();
    return result;
  }, 0);
  expect([end?.status, end?.output]).toEqual(['Completed', '"mended"']);
});
