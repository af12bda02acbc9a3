import { parseTimeSpan } from '../core/time-span.ts';
import { parseNcrontab } from './ncrontab.ts';
import type { TimeZone } from './time-zone.ts';

/** When a timer function runs. */
export interface TimerSchedule {
  /** The first time after `after`, both in milliseconds; undefined when there is none. */
  next(after: number): number | undefined;
}

/**
 * Reads the `schedule` of a timer trigger: six fields of NCRONTAB, five (then the seconds are 0), or an interval
 * `[d.]hh:mm:ss`.
 * @param zone where the clock hangs that the fields speak of; UTC when there is none, as in Azure.
 * @throws RangeError that says what is wrong.
 */
export function parseTimerSchedule(text: string, zone?: TimeZone): TimerSchedule {
  const interval = parseTimeSpan(text);
  if (interval !== undefined) {
    const { milliseconds } = interval;
    if (milliseconds <= 0) {
      throw new RangeError(`the interval "${text}" of a timer must be longer than nothing`);
    }
    return { next: (after) => after + milliseconds };
  }
  const schedule = parseNcrontab(text);
  return zone === undefined ? schedule : { next: (after) => nextIn(zone, schedule, after) };
}

/** The same time of day may come twice when clocks are put back: what comes next must lie ahead. */
function nextIn(zone: TimeZone, schedule: TimerSchedule, after: number): number | undefined {
  let wallClock = schedule.next(zone.toWallClock(after));
  while (wallClock !== undefined) {
    const instant = zone.toInstant(wallClock);
    if (instant > after) {
      return instant;
    }
    wallClock = schedule.next(wallClock);
  }
  return undefined;
}
