import { parseTimeSpan } from '../core/time-span.ts';
import { type NcronSchedule, parseNcrontab } from './ncrontab.ts';

/** When a timer function runs. */
export interface TimerSchedule {
  /** The first time after `after`, both in milliseconds; undefined when there is none. */
  next(after: number): number | undefined;
}

/**
 * Reads the `schedule` of a timer trigger: six fields of NCRONTAB, five (then the seconds are 0), or an interval
 * `[d.]hh:mm:ss`. All times are UTC, as in Azure.
 * @throws RangeError that says what is wrong.
 */
export function parseTimerSchedule(text: string): TimerSchedule {
  const interval = parseTimeSpan(text);
  if (interval !== undefined) {
    const lengthMs = interval.milliseconds;
    if (lengthMs <= 0) {
      throw new RangeError(`the interval "${text}" of a timer must be longer than nothing`);
    }
    return { next: (after) => after + lengthMs };
  }
  const schedule: NcronSchedule = parseNcrontab(text);
  return { next: (after) => schedule.next(after) };
}
