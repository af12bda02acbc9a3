import type { EntityHandler } from 'durable-functions';
import type { DurableEngine } from '../../../../emulators/functions-host/engine/engine.ts';
import type { ActivityRow } from '../../../../emulators/functions-host/engine/records.ts';
import { Crash, type Disk } from '../simulation/disk.ts';
import { SimulatedProcess } from '../simulation/process.ts';
import { hasResult, recordedEvents } from '../simulation/recorded-results.ts';
import { settled, VirtualTime } from '../simulation/virtual-time.ts';
import { counting, orchestrators } from './scenario.ts';
import { actOnce, type Requests } from './scripted-client.ts';

export interface LifeOptions {
  readonly startAt: number;
  /** How many hosts died before this one. */
  readonly generation: number;
  /** Decides how long each activity takes, and so in which order they end: with 0 all take the same time. */
  readonly order: number;
}

function durationMs({ input, taskId }: ActivityRow, order: number): number {
  return 1 + (([...`${input}${taskId}`].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) * order) % 29);
}

/** Lets one host live over that disk with the scripted client, from wherever the disk is, until all is over. */
export async function live(
  disk: Disk,
  { startAt, generation, order }: LifeOptions,
  onCommit: () => void,
): Promise<void> {
  const time = new VirtualTime({ startAt, generation });
  let failure: unknown;
  const process = new SimulatedProcess({
    disk,
    time,
    app: {
      orchestrators,
      entity: counting as EntityHandler<unknown>,
      activity: async (row) => {
        if (hasResult(disk.database, row)) {
          failure ??= new Error(`activity ${row.taskId} of ${row.instanceId} has a result, and runs again`);
        }
        await time.sleep(durationMs(row, order));
        return act(disk, row);
      },
    },
    onWrite: ({ sql, phase }) => {
      if (sql === 'COMMIT' && phase === 'after') {
        onCommit();
      }
    },
    onFatal: (error) => {
      failure ??= error;
    },
  });
  let isOver = false;
  const client = (async () => {
    while (!(await actOnce(requestsOf(process.engine), 'http://simulated'))) {
      await time.sleep(10);
    }
    isOver = true;
  })();
  client.catch((error: unknown) => {
    failure ??= error;
  });
  await settled();
  while (!isOver && failure === undefined) {
    if (!(await time.step()) || time.now > startAt + 3_600_000) {
      failure ??= new Error('nothing goes on, and not all is over');
    }
  }
  process.engine.close();
  process.die();
  if (failure !== undefined && !(failure instanceof Crash)) {
    throw failure;
  }
}

/** What the activities do follows from the disk alone. */
function act(disk: Disk, { name, input, instanceId, executionId }: ActivityRow): unknown {
  const events = recordedEvents(disk.database, instanceId, executionId);
  const given = JSON.parse(input ?? 'null') as unknown;
  if (name === 'BuiltIn::HttpActivity') {
    const isLast = (given as { uri: string }).uri.endsWith('polls=0');
    return isLast
      ? { statusCode: 200, headers: {}, content: 'done' }
      : { statusCode: 202, headers: { location: '/job?polls=0', 'retry-after': '0' }, content: '' };
  }
  if (name === 'flaky' && !events.some(({ type }) => type === 'activityFailed')) {
    throw new Error('the first time fails');
  }
  if (name === 'needsMending' && !events.some(({ type }) => type === 'rewound')) {
    throw new Error('it is broken');
  }
  return given;
}

function requestsOf(engine: DurableEngine): Requests {
  return {
    see: async (id) => {
      const seen = engine.queries.instance(id);
      return (
        seen && {
          status: seen.status,
          output: JSON.parse(seen.output ?? 'null') as unknown,
          customStatus: JSON.parse(seen.customStatus ?? 'null') as unknown,
        }
      );
    },
    past: async (id) => {
      const history = engine.queries.history(id);
      return {
        heard: history.flatMap((event) => (event.type === 'eventRaised' ? [event.name] : [])),
        wasSuspended: history.some(({ type }) => type === 'suspended'),
      };
    },
    entity: async (key) => {
      const entity = engine.queries.entity(`@counter@${key}`);
      return entity && Number(entity.state);
    },
    start: (name, instanceId, input) => engine.startInstance({ name, instanceId, input: JSON.stringify(input) }),
    raise: (id, name, value) => engine.raiseEvent(id, name, JSON.stringify(value)),
    terminate: (id, reason) => engine.terminate(id, reason),
    suspend: (id) => engine.suspend(id, 'wait'),
    resume: (id) => engine.resume(id, 'go on'),
    rewind: (id) => engine.rewind(id, 'mended'),
    purge: (id) => engine.purge(id),
    signal: (key, operation, value) => engine.signalEntity('counter', key, operation, JSON.stringify(value)),
  };
}
