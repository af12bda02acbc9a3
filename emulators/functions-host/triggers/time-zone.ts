/** Wall clock times are milliseconds as `Date.UTC` makes them of what a clock on the wall there shows. */
export interface TimeZone {
  toWallClock(instant: number): number;
  /** Of a time that comes twice the first; of one that is skipped, as much later as the clocks are put forward. */
  toInstant(wallClock: number): number;
}

const dayMs = 86_400_000;

/**
 * A time zone of the tz database, with its changes between summer and winter time.
 * @throws RangeError when there is none of that name.
 */
export function timeZone(name: string): TimeZone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    throw new RangeError(
      `the time zone "${name}" is not known: use a name of the tz database, such as "Europe/Berlin"`,
      {
        cause: error,
      },
    );
  }
  const toWallClock = (instant: number): number => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1000) + 1000) % 1000);
  };
  const offsetAt = (instant: number) => toWallClock(instant) - instant;
  return {
    toWallClock,
    toInstant: (wallClock) => {
      const before = wallClock - offsetAt(wallClock - dayMs);
      const after = wallClock - offsetAt(wallClock + dayMs);
      const exact = [before, after].filter((instant) => toWallClock(instant) === wallClock);
      return exact.length > 0 ? Math.min(...exact) : before;
    },
  };
}
