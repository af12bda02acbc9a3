import { describe, expect, test } from '@jest/globals';
import { parseTimerSchedule } from '../../../../emulators/functions-host/triggers/timer-schedule.ts';
import { resumeTimer } from '../../../../emulators/functions-host/triggers/timer-trigger.ts';

const at = (text: string) => Date.parse(`${text}Z`);
const nextTimes = (expression: string, from: string, count = 3) => {
  const schedule = parseTimerSchedule(expression);
  const times: string[] = [];
  for (let time = schedule.next(at(from)); time !== undefined && times.length < count; time = schedule.next(time)) {
    times.push(new Date(time).toISOString().slice(0, 19));
  }
  return times;
};

describe('a schedule', () => {
  test.each([
    ['0 */5 * * * *', '2026-01-01T00:01:00', ['2026-01-01T00:05:00', '2026-01-01T00:10:00', '2026-01-01T00:15:00']],
    ['*/20 * * * * *', '2026-01-01T00:00:45', ['2026-01-01T00:01:00', '2026-01-01T00:01:20', '2026-01-01T00:01:40']],
    ['0 30 9 * * 1-5', '2026-01-02T10:00:00', ['2026-01-05T09:30:00', '2026-01-06T09:30:00', '2026-01-07T09:30:00']],
    ['0 0 0 29 2 *', '2026-01-01T00:00:00', ['2028-02-29T00:00:00', '2032-02-29T00:00:00', '2036-02-29T00:00:00']],
    ['0 0 12 13 * Fri', '2026-01-01T00:00:00', ['2026-02-13T12:00:00', '2026-03-13T12:00:00', '2026-11-13T12:00:00']],
    [
      '15 10 6,18 * Jan,Jul *',
      '2026-01-31T12:00:00',
      ['2026-01-31T18:10:15', '2026-07-01T06:10:15', '2026-07-01T18:10:15'],
    ],
    ['0 2/10 * * * *', '2026-01-01T00:00:00', ['2026-01-01T00:02:00', '2026-01-01T00:12:00', '2026-01-01T00:22:00']],
    ['30 4 * * *', '2026-01-01T05:00:00', ['2026-01-02T04:30:00', '2026-01-03T04:30:00', '2026-01-04T04:30:00']],
    ['01:30:00', '2026-01-01T00:00:00', ['2026-01-01T01:30:00', '2026-01-01T03:00:00', '2026-01-01T04:30:00']],
    ['59 59 23 31 12 *', '2026-12-31T23:59:59', ['2027-12-31T23:59:59', '2028-12-31T23:59:59', '2029-12-31T23:59:59']],
    ['0 0 0 31 2 *', '2026-01-01T00:00:00', []],
  ])('%s after %s runs at %j', (expression, from, expected) => {
    expect(nextTimes(expression, from)).toEqual(expected);
  });

  test.each([
    ['* * *', 'must have 6 fields'],
    ['0 60 * * * *', '"60" is no minute'],
    ['0 0 0 * * 7', '"7" is no day of week'],
    ['0 0/0 * * * *', 'no valid step'],
    ['0 x * * * *', '"x" is no minute'],
    ['00:00:00', 'longer than nothing'],
  ])('%s is refused: %s', (expression, message) => {
    expect(() => parseTimerSchedule(expression)).toThrow(message);
  });
});

describe('a timer at start', () => {
  const hourly = parseTimerSchedule('0 0 * * * *');
  const [nine, ten, eleven] = [at('2026-01-01T09:00:00'), at('2026-01-01T10:00:00'), at('2026-01-01T11:00:00')];
  const now = at('2026-01-01T10:20:00');

  test('that is new waits for its next time', () => {
    expect(resumeTimer(hourly, undefined, now)).toEqual({
      status: { last: null, next: eleven, updated: now },
      isPastDue: false,
    });
  });

  test('that missed a time is past due', () => {
    const stored = { last: nine, next: ten, updated: nine };
    expect(resumeTimer(hourly, stored, now)).toEqual({ status: stored, isPastDue: true });
  });

  test('that missed nothing waits', () => {
    const stored = { last: ten, next: eleven, updated: ten };
    expect(resumeTimer(hourly, stored, now)).toEqual({ status: stored, isPastDue: false });
  });

  test('whose schedule changed does not make up for what it would have run', () => {
    const stored = { last: nine, next: at('2026-01-02T09:00:00'), updated: nine };
    expect(resumeTimer(hourly, stored, now)).toEqual({
      status: { last: nine, next: eleven, updated: now },
      isPastDue: false,
    });
  });
});
