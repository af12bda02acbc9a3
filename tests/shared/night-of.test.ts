import { expect, test } from '@jest/globals';
import { nightOf } from '../../src/shared/night-of.ts';

test.each([
  ['on time', '2026-11-26T02:00:00.120Z', '2026-11-26T02:00:00Z', '2026-11-26'],
  ['a moment early', '2026-11-25T23:59:59.900Z', '2026-11-26T00:00:00Z', '2026-11-26'],
  ['late on the same day, since the host was down', '2026-11-26T09:00:00Z', '2026-11-26T02:00:00Z', '2026-11-26'],
  [
    'late, after midnight: it does not take the next date',
    '2026-11-27T00:10:00Z',
    '2026-11-26T23:30:00Z',
    '2026-11-26',
  ],
  ['days late: for the latest hour that has come', '2026-11-26T09:00:00Z', '2026-11-22T23:30:00Z', '2026-11-25'],
  ['days late, after its hour', '2026-11-26T09:00:00Z', '2026-11-22T02:00:00Z', '2026-11-26'],
  ['by hand, before its hour: the night before', '2026-11-26T01:00:00Z', '2026-11-26T02:00:00Z', '2026-11-25'],
  ['by hand, after its hour: that very date', '2026-11-26T15:00:00Z', '2026-11-27T02:00:00Z', '2026-11-26'],
  ['without a schedule: today', '2026-11-26T15:00:00Z', undefined, '2026-11-26'],
  ['that never ran: today', '2026-11-26T15:00:00Z', '', '2026-11-26'],
])('a call %s is for the right date', (_when, now, due, date) => {
  expect(nightOf(new Date(now), due)).toBe(date);
});
