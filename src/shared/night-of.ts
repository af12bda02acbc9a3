const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
/** Timers may fire a little before their time. */
const EARLY_MILLISECONDS = 60_000;

/**
 * The date (UTC) that a daily timer's call is for: that of its latest hour that has come, so that a call that comes late,
 * after midnight or after days without a host, does not take the next date's place.
 * @param due the hour that the timer was waiting for (`scheduleStatus.next`), if it says so
 */
export function nightOf(now: Date, due: string | undefined): string {
  const since = now.getTime() - Date.parse(due ?? '');
  // Called by hand before its hour, or without a schedule: this is today's.
  if (Number.isNaN(since) || since < -EARLY_MILLISECONDS) return dateOf(now.getTime());
  const days = Math.floor(Math.max(0, since) / DAY_MILLISECONDS);
  return dateOf(Date.parse(due ?? '') + days * DAY_MILLISECONDS);
}

function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
