const NUMBERS = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `late_15_share` → `Late 15 share`. */
export function humanize(name: string): string {
  const words = name.replaceAll(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whether a column holds parts of a whole, which people read as percents. */
export function isShare(column: string): boolean {
  return /(^|_)(share|risk|rate|ratio|probability)$/.test(column);
}

/** A value as people read it; `column` tells shares apart and keeps years free of commas. */
export function formatValue(value: unknown, column = ''): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') {
    if (isShare(column) && Math.abs(value) <= 1) return PERCENT.format(value);
    if (/(^|_)(year|month|day|id|key)$/.test(column)) return String(value);
    return NUMBERS.format(value);
  }
  if (typeof value === 'object') return Array.isArray(value) ? `${value.length} items` : JSON.stringify(value);
  return String(value);
}

/** A number short enough for an axis. */
export function formatTick(value: number, column: string): string {
  if (isShare(column) && Math.abs(value) <= 1) return PERCENT.format(value);
  return Math.abs(value) >= 10_000 ? COMPACT.format(value) : NUMBERS.format(value);
}

export function formatCount(count: number): string {
  return WHOLE.format(count);
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${NUMBERS.format(Number(size.toPrecision(3)))} ${units[unit]}`;
}

/** How long something took. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A moment in the reader's time zone: the time alone today, else with its day. */
export function formatTime(iso: string, now = new Date()): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const clock = time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  if (time.toDateString() === now.toDateString()) return clock;
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })}, ${clock.slice(0, 5)}`;
}
