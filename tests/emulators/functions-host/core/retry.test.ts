import { describe, expect, test } from '@jest/globals';
import { retryDelayMs } from '../../../../emulators/functions-host/core/retry.ts';
import { parseTimeSpan } from '../../../../emulators/functions-host/core/time-span.ts';

describe('the wait before a retry', () => {
  test('is always the same with a fixed delay', () => {
    const options = { retryStrategy: 'fixedDelay', delayInterval: { seconds: 3 } };
    expect([1, 2, 9].map((retry) => retryDelayMs(options, retry))).toEqual([3000, 3000, 3000]);
  });

  test('grows with exponential backoff, up to the maximum, spread by a fifth', () => {
    const options = {
      retryStrategy: 'exponentialBackoff',
      minimumInterval: { seconds: 4 },
      maximumInterval: { seconds: 30 },
    };
    const waits = (random: number) => [1, 2, 3, 4, 5, 50].map((retry) => retryDelayMs(options, retry, random));
    expect(waits(0.5)).toEqual([4000, 8000, 12_000, 20_000, 30_000, 30_000]);
    expect(waits(0).slice(0, 3)).toEqual([4000, 7200, 10_400]);
    expect(waits(1).slice(0, 3)).toEqual([4000, 8800, 13_600]);
  });
});

test.each([
  ['00:05:00', 300_000],
  ['1.02:03:04', 93_784_000],
  ['00:00:00.2500000', 250],
  ['five minutes', undefined],
  ['00:05', undefined],
])('the time span %s is %s ms', (text, expected) => {
  expect(parseTimeSpan(text)?.milliseconds).toBe(expected);
});
