const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const precise = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });

/** Date and time of here. @param {number} at */
export function dateTime(at) {
  return clock.format(at);
}

/** Date and time of here, to the millisecond. @param {number} at */
export function preciseTime(at) {
  return precise.format(at);
}

/** @param {number} at */
export function isoTime(at) {
  return new Date(at).toISOString();
}

/** How long ago that was, in the largest unit that fits. @param {number} at @param {number} now */
export function ago(at, now) {
  const seconds = Math.round((at - now) / 1000);
  /** @type {readonly (readonly [Intl.RelativeTimeFormatUnit, number])[]} */
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) {
      return relative.format(Math.round(seconds / length), unit);
    }
  }
  return Math.abs(seconds) < 5 ? 'just now' : relative.format(seconds, 'second');
}

/** A length of time in two units at most. @param {number} ms */
export function duration(ms) {
  if (ms < 1000) {
    return `${Math.max(0, Math.round(ms))} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  const parts = /** @type {const} */ ([
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]);
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** A round length of time, as on an axis. @param {number} ms */
export function roundDuration(ms) {
  return ms >= 1000 && ms < 60_000 ? `${ms / 1000} s` : duration(ms);
}

/** @param {number} length in characters */
export function size(length) {
  return length < 10_000 ? `${length.toLocaleString()} characters` : `${Math.round(length / 1000).toLocaleString()} kB`;
}

/** JSON text on many lines, or the text as it is. @param {string} text */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** JSON text on one line, without the quotes of a text. @param {string} text */
export function inline(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return text;
  }
}

/** @param {string} status */
export function isOver(status) {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}
