import { expect, test } from '@jest/globals';
import { timelineOf } from '../../web/src/views/operations/timeline.ts';

test('steps lie on one time axis; one at work reaches until now', () => {
  const at = (second: number): string => new Date(second * 1000).toISOString();
  const run = {
    ...{ id: 'x-00000001', dataset: 'x', number: 1, status: 'running', startedAt: at(0), files: 1 },
    steps: {
      score: { startedAt: at(6) },
      cleanse: { startedAt: at(1), endedAt: at(5), seconds: 4 },
    },
  };
  expect(timelineOf(run, 10_000).map(({ name, seconds, offset, length }) => [name, seconds, offset, length])).toEqual([
    ['cleanse', 4, 0.1, 0.4],
    ['score', 4, 0.6, 0.4],
  ]);
});
