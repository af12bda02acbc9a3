import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { DurableEngine } from '../../../../emulators/functions-host/engine/engine.ts';
import { prepareSchema } from '../../../../emulators/functions-host/engine/schema.ts';
import type { Decision, DurableProtocol, Turn } from '../../../../emulators/functions-host/engine/types.ts';
import { environmentOf, settled, VirtualTime } from '../simulation/virtual-time.ts';

const eventsPerMillisecond = 20;

/** An engine in virtual time, for a story that calls `width` activities at once, of which one ends every 10 ms. */
function openFanOut(width: number) {
  const time = new VirtualTime();
  const turns: { readonly at: number; readonly replayMs: number; readonly received: readonly string[] }[] = [];
  const answered = (turn: Turn): number =>
    [...turn.past, ...turn.fresh].filter(({ type }) => type === 'activityCompleted').length;
  const protocol: DurableProtocol = {
    deliverable: (_state, inbox) => inbox.length,
    async runTurn(turn) {
      const replayMs = Math.ceil((turn.past.length + turn.fresh.length) / eventsPerMillisecond);
      turns.push({ at: time.now, replayMs, received: turn.fresh.map(({ type }) => type) });
      await time.sleep(replayMs);
      const calls = Array.from({ length: turn.past.length === 0 ? width : 0 }, (_, id): Decision => {
        return { kind: 'callActivity', id, name: 'work', input: String(id) };
      });
      const isOver = answered(turn) === width;
      return { decisions: calls, protocolState: {}, ...(isOver ? { end: { kind: 'completed', output: 'null' } } : {}) };
    },
    async runActivity({ input }) {
      await time.sleep(10 * Number(input));
      return { ok: true, result: 'null' };
    },
    runEntity: () => Promise.reject(new Error('there is no entity')),
    entityResponse: () => '',
    entityRequest: () => '',
  };
  const database = new DatabaseSync(':memory:');
  prepareSchema(database);
  const engine = new DurableEngine({
    database,
    protocol,
    maxConcurrentActivities: width,
    maxEntityOperationBatchSize: 1,
    onFatal: (error) => {
      throw error;
    },
    environment: environmentOf(time, () => true),
  });
  engine.start();
  void engine.startInstance({ name: 'fan-out', input: null, instanceId: 'i' });
  return { engine, turns, time };
}

/** Runs it to its end; calls `atStep` before every step. */
async function run(width: number, atStep?: (step: number, engine: DurableEngine, now: number) => void) {
  const { engine, turns, time } = openFanOut(width);
  await settled();
  let step = 0;
  do atStep?.(step++, engine, time.now);
  while (await time.step());
  return { turns, status: engine.queries.instance('i')?.status };
}

describe('a wide fan-out', () => {
  test('takes a turn for many answers, and rests between two for no longer than a replay takes', async () => {
    const { turns, status } = await run(1000);
    expect(status).toBe('Completed');
    expect(turns.length).toBeLessThan(400);
    for (const [index, { at, replayMs }] of turns.entries()) {
      const before = turns[index - 1];
      // An answer comes every 10 ms.
      expect(before === undefined ? 0 : at - before.at).toBeLessThanOrEqual(2 * (before?.replayMs ?? replayMs) + 10);
    }
  });

  test('takes an answer at once when no other is to come', async () => {
    const { turns } = await run(3);
    const last = turns.at(-1);
    expect(last?.received).toEqual(['turnStarted', 'activityCompleted']);
    expect(last?.at).toBe((turns[0]?.at ?? 0) + (turns[0]?.replayMs ?? 0) + 20);
  });

  test('does not rest when an event has come', async () => {
    let raisedAt = 0;
    const { turns } = await run(1000, (step, engine, now) => {
      if (step === 1500) {
        raisedAt = now;
        void engine.raiseEvent('i', 'go', null);
      }
    });
    const index = turns.findIndex(({ received }) => received.includes('eventRaised'));
    const before = turns[index - 1];
    const free = Math.max(raisedAt, (before?.at ?? 0) + (before?.replayMs ?? 0));
    expect(index).toBeGreaterThan(10);
    expect(turns[index]?.at).toBe(free);
  });
});
