import { describe, expect, test } from '@jest/globals';
import { timeZone } from '../../../../emulators/functions-host/triggers/time-zone.ts';
import { parseTimerSchedule } from '../../../../emulators/functions-host/triggers/timer-schedule.ts';

const berlin = timeZone('Europe/Berlin');
const nextTimes = (expression: string, from: string, count: number) => {
  const schedule = parseTimerSchedule(expression, berlin);
  const times: string[] = [];
  for (
    let time = schedule.next(Date.parse(from));
    time !== undefined && times.length < count;
    time = schedule.next(time)
  ) {
    times.push(new Date(time).toISOString().slice(0, 16));
  }
  return times;
};

describe('a schedule in a time zone', () => {
  test('runs at the same time of day in winter and in summer', () => {
    expect(nextTimes('0 0 9 * * *', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T08:00',
      '2026-03-29T07:00',
      '2026-03-30T07:00',
    ]);
  });

  test('runs an hour later when the clocks skip its time', () => {
    expect(nextTimes('0 30 2 * * *', '2026-03-28T12:00:00Z', 2)).toEqual(['2026-03-29T01:30', '2026-03-30T00:30']);
  });

  test('runs once when its time of day comes twice', () => {
    expect(nextTimes('0 30 2 * * *', '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30']);
  });

  test('never runs in the past when it is asked in the hour that comes again', () => {
    expect(nextTimes('0 */30 * * * *', '2026-10-25T01:10:00Z', 2)).toEqual(['2026-10-25T02:00', '2026-10-25T02:30']);
  });

  test('does not touch intervals', () => {
    expect(nextTimes('01:00:00', '2026-03-29T00:30:00Z', 2)).toEqual(['2026-03-29T01:30', '2026-03-29T02:30']);
  });
});

test('a time zone that is not known is refused', () => {
  expect(() => timeZone('Eastern Nowhere Time')).toThrow('use a name of the tz database');
});
