import { type Colors, createColors, wantsColors } from './log-colors.ts';
import { isWritten, type LogLevels, levelOf } from './log-levels.ts';
import type { LogLevel } from './rpc-types.ts';

/** Writes one line a message; nothing below the level of its category. */
export interface Logger {
  log(level: LogLevel, message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** Whether such messages are written: ask before making a costly one. */
  isOn(level: LogLevel): boolean;
  /** The logger of another category, such as `Function.hello`. */
  of(category: string): Logger;
  /** Writes text as it is, with neither time nor level, where information is written. */
  print(text: string): void;
  readonly colors: Colors;
}

export interface LoggerOptions {
  /** Absent: to stderr, so that stdout stays free for the one line that says where the host listens. */
  readonly write?: (text: string) => void;
  /** Absent: as the terminal and the environment say. */
  readonly colors?: boolean;
}

/** A logger of the category `Host`. */
export function createLogger(levels: LogLevels, options: LoggerOptions = {}): Logger {
  const write = options.write ?? gatheringWriter();
  const colors = createColors(options.colors ?? wantsColors(process.stderr, process.env));
  const time = clock(colors);
  const marks: Readonly<Record<LogLevel, (message: string) => string>> = {
    trace: (message) => colors.dim(`trace: ${message}`),
    debug: (message) => colors.dim(`debug: ${message}`),
    information: (message) => message,
    warning: (message) => colors.yellow(`warning: ${message}`),
    error: (message) => colors.red(`error: ${message}`),
    critical: (message) => colors.red(`critical: ${message}`),
    none: (message) => message,
  };
  const of = (category: string): Logger => {
    const minimum = levelOf(category, levels);
    const isOn = (level: LogLevel) => level !== 'none' && isWritten(level, minimum);
    const log = (level: LogLevel, message: string) => {
      if (isOn(level)) {
        write(`${time()} ${marks[level](message)}\n`);
      }
    };
    return {
      log,
      debug: (message) => log('debug', message),
      info: (message) => log('information', message),
      warn: (message) => log('warning', message),
      error: (message) => log('error', message),
      isOn,
      of,
      print: (text) => {
        if (isOn('information')) {
          write(text);
        }
      },
      colors,
    };
  };
  return of('Host');
}

/** The time in brackets, as Core Tools writes it; many lines come in one millisecond. */
function clock(colors: Colors): () => string {
  let [millisecond, text] = [0, ''];
  return () => {
    const now = Date.now();
    if (now !== millisecond) {
      [millisecond, text] = [now, colors.dim(`[${new Date(now).toISOString()}]`)];
    }
    return text;
  };
}

/** Writes the lines of one turn of the event loop together: each write is a system call that everybody waits for. */
function gatheringWriter(): (text: string) => void {
  let lines = '';
  const flush = () => {
    const text = lines;
    lines = '';
    if (text !== '') {
      process.stderr.write(text);
    }
  };
  process.on('exit', flush);
  return (text) => {
    if (lines === '') {
      setImmediate(flush);
    }
    lines += text;
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
