import type { LogLevel } from './rpc-types.ts';

const ranks: Readonly<Record<LogLevel, number>> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

const aliases: Readonly<Record<string, LogLevel>> = { info: 'information', warn: 'warning', off: 'none' };

/** Whether a message of that level is written where `minimum` is the lowest that is. */
export function isWritten(level: LogLevel, minimum: LogLevel): boolean {
  return ranks[level] >= ranks[minimum];
}

/**
 * Reads the name of a log level, in the short or the long spelling and in any case.
 * @throws RangeError when there is no such level.
 */
export function parseLogLevel(text: string): LogLevel {
  const name = text.toLowerCase();
  const level = aliases[name] ?? (Object.keys(ranks) as LogLevel[]).find((known) => known === name);
  if (level === undefined) {
    throw new RangeError(`unknown log level "${text}": use one of trace, debug, info, warn, error, none`);
  }
  return level;
}

/** The lowest level that is written, by category: of several that begin a category's name the longest counts. */
export type LogLevels = Readonly<Record<string, LogLevel>>;

/**
 * The lowest level that is written in a category, such as `Function.hello.User`; information where nothing says.
 * Source: "Configure monitoring for Azure Functions", categories and log levels.
 */
export function levelOf(category: string, levels: LogLevels): LogLevel {
  const name = category.toLowerCase();
  let [longest, found] = [-1, levels.default ?? 'information'];
  for (const [prefix, level] of Object.entries(levels)) {
    const begins = name === prefix.toLowerCase() || name.startsWith(`${prefix.toLowerCase()}.`);
    if (begins && prefix.length > longest) {
      [longest, found] = [prefix.length, level];
    }
  }
  return found;
}
