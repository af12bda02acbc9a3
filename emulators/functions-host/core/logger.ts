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

const padded = Object.fromEntries(Object.keys(ranks).map((level) => [level, level.padEnd(11)])) as Record<
  LogLevel,
  string
>;

const aliases: Readonly<Record<string, LogLevel>> = { info: 'information', warn: 'warning', off: 'none' };

/** Writes one line a message; nothing below its level. */
export interface Logger {
  log(level: LogLevel, message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * Reads the name of a log level, in the short or the long spelling.
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

/** A logger to stderr, so that stdout stays free for the one line that says where the host listens. */
export function createLogger(minimum: LogLevel, write: (line: string) => void = gatheringWriter()): Logger {
  const lowest = ranks[minimum];
  let [millisecond, time] = [0, ''];
  const now = (): string => {
    const current = Date.now();
    if (current !== millisecond) {
      [millisecond, time] = [current, new Date(current).toISOString()]; // many lines come in one millisecond
    }
    return time;
  };
  const log = (level: LogLevel, message: string) => {
    if (ranks[level] >= lowest) {
      write(`${now()} ${padded[level]} ${message}\n`);
    }
  };
  return {
    log,
    debug: (message) => log('debug', message),
    info: (message) => log('information', message),
    warn: (message) => log('warning', message),
    error: (message) => log('error', message),
  };
}

/** Writes the lines of one turn of the event loop together: each write is a system call that everybody waits for. */
function gatheringWriter(): (line: string) => void {
  let lines = '';
  const flush = () => {
    const text = lines;
    lines = '';
    if (text !== '') {
      process.stderr.write(text);
    }
  };
  process.on('exit', flush);
  return (line) => {
    if (lines === '') {
      setImmediate(flush);
    }
    lines += line;
  };
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The stack of anything thrown, or else its message. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
