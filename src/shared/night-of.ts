const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
/** Timers may fire a little before their time. */
const EARLY_MILLISECONDS = 60_000;

/**
 * The date (UTC) that a daily timer's call is for: that of its latest hour that has come. So a call that comes late, after
 * midnight or after days without a host, does not take the next date's place, and one by hand is for the same date.
 * @param due the hour that the timer was waiting for (`scheduleStatus.next`); without one, the date is today's
 */
export function nightOf(now: Date, due: string | undefined): string {
  const hour = Date.parse(due ?? '');
  if (Number.isNaN(hour)) return dateOf(now.getTime());
  const days = Math.floor((now.getTime() + EARLY_MILLISECONDS - hour) / DAY_MILLISECONDS);
  return dateOf(hour + days * DAY_MILLISECONDS);
}

function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
