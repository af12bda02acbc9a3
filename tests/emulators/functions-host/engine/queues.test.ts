import { describe, expect, test } from '@jest/globals';
import { systemEnvironment } from '../../../../emulators/functions-host/engine/environment.ts';
import type { TimerRow } from '../../../../emulators/functions-host/engine/records.ts';
import { splitTurns, turnToCut } from '../../../../emulators/functions-host/engine/rewind-cut.ts';
import { RowBuffer } from '../../../../emulators/functions-host/engine/row-buffer.ts';
import { TimerQueue } from '../../../../emulators/functions-host/engine/timer-queue.ts';
import type { HistoryEvent } from '../../../../emulators/functions-host/engine/types.ts';

const drained = (buffer: RowBuffer<{ seq: number }>) => {
  const changes: string[] = [];
  buffer.drain(
    (row) => changes.push(`+${row.seq}`),
    (seq) => changes.push(`-${seq}`),
  );
  return changes;
};

describe('a row buffer', () => {
  test('writes nothing for a row that comes and goes between two commits', () => {
    const buffer = new RowBuffer<{ seq: number }>();
    buffer.insert({ seq: 1 });
    buffer.insert({ seq: 2 });
    buffer.remove({ seq: 1 });
    expect(drained(buffer)).toEqual(['+2']);
    buffer.remove({ seq: 2 });
    expect(drained(buffer)).toEqual(['-2']);
    expect(drained(buffer)).toEqual([]);
  });
});

describe('the timer queue', () => {
  test('fires all in order, and none before its time', async () => {
    const fired: number[] = [];
    let early = 0;
    const start = Date.now();
    await new Promise<void>((resolve) => {
      const queue = new TimerQueue(systemEnvironment, (timer: TimerRow) => {
        fired.push(timer.fireAt - start);
        early += Date.now() < timer.fireAt ? 1 : 0;
        if (fired.length === 200) {
          resolve();
        }
      });
      for (let i = 0; i < 200; i++) {
        queue.add({ seq: i, instanceId: 'i', taskId: i, fireAt: start + ((i * 7919) % 100) });
      }
    });
    expect(fired).toEqual([...fired].sort((a, b) => a - b));
    expect(early).toBe(0);
  });
});

describe('a rewind', () => {
  const turn = (...events: HistoryEvent[]): HistoryEvent[] => [{ type: 'turnStarted', at: 0 }, ...events];
  const failed = (id: number, reason: string): HistoryEvent => ({
    type: 'activityFailed',
    at: 0,
    id,
    reason,
    details: '',
  });

  test('cuts before the failure that brought the story down, not before one that it coped with', () => {
    const turns = splitTurns([
      ...turn(),
      ...turn(failed(0, 'minor')),
      ...turn(failed(1, 'grave')),
      ...turn(failed(2, 'clean-up')),
    ]);
    expect(turns).toHaveLength(4);
    expect(turnToCut(turns, '"Orchestrator function failed: grave"')).toBe(2);
  });

  test('tells the last turn again when the story itself threw', () => {
    expect(turnToCut(splitTurns([...turn(), ...turn()]), '"a typo"')).toBe(1);
  });
});
