import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseLogLevel } from '../core/log-levels.ts';
import { messageOf } from '../core/logger.ts';
import type { LogLevel } from '../core/rpc-types.ts';

/** Where a debugger may attach, always at 127.0.0.1. */
export interface InspectorOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Whether the app is loaded only once a debugger is there. */
  readonly wait: boolean;
}

/** What the command line asks for. */
export interface RunOptions {
  readonly appFolder: string;
  readonly dataFolder: string;
  /** Whether nobody named `dataFolder`, so that it lies in the app folder. */
  readonly isDefaultDataFolder: boolean;
  /** Absent: as local.settings.json says, or else 7071. */
  readonly port?: number;
  /** Absent: as host.json says. */
  readonly logLevel?: LogLevel;
  readonly enforceKeys: boolean;
  /** Where requests are written down, if they are. */
  readonly accessLog?: string;
  readonly watch: boolean;
  readonly inspector?: InspectorOptions;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly options: RunOptions };

/** A command line that cannot be understood. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export const help = `Runs an Azure Functions app (Node, programming model v4) on this machine, Durable Functions included.

usage: functions-host [app folder] [options]

  app folder               the folder with package.json and host.json (default: the current folder)

  -p, --port PORT          listen at 127.0.0.1:PORT; 0 picks a free port
                           (default: Host.LocalHttpPort of local.settings.json, or else 7071)
  -d, --data FOLDER        keep state and keys there (default: .functions-host in the app folder)
  -w, --watch              start again whenever a build has changed the app
      --inspect[=PORT]     let a debugger attach to the app at 127.0.0.1:PORT (default: 9229)
      --inspect-brk[=PORT] the same, and load the app only once a debugger is there
      --no-keys            ask for no keys, as Core Tools does
      --access-log FILE    append each request to FILE, in the Combined Log Format, without its query
      --log-level LEVEL    trace, debug, info, warn, error or none, for all categories
                           (default: logging.logLevel of host.json, or else info)
      --version            say the version
  -h, --help               say this

It prints "listening on URL" once every function can be called. Orchestrations are shown at URL/admin/durable.
NO_COLOR and FORCE_COLOR decide about colours where the terminal does not.
It ends with 0 after SIGINT or SIGTERM, with 1 when the app cannot be run, with 2 when the command line is wrong.
`;

const defaultInspectorPort = '9229';

/**
 * Reads the command line.
 * @param args without the program.
 * @throws UsageError that says what is wrong with it.
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) {
    return { kind: 'help' };
  }
  if (values.version) {
    return { kind: 'version' };
  }
  const [given = '.', ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(`there can be one app folder only, and these are ${positionals.length}`);
  }
  const appFolder = resolve(given);
  const inspector = inspectorOptions(values);
  return {
    kind: 'run',
    options: {
      appFolder,
      dataFolder: values.data === undefined ? join(appFolder, '.functions-host') : resolve(values.data),
      isDefaultDataFolder: values.data === undefined,
      ...(values.port === undefined ? {} : { port: portNumber('--port', values.port) }),
      ...(values['log-level'] === undefined ? {} : { logLevel: logLevel(values['log-level']) }),
      enforceKeys: !values['no-keys'],
      ...(values['access-log'] === undefined ? {} : { accessLog: resolve(values['access-log']) }),
      watch: values.watch,
      ...(inspector === undefined ? {} : { inspector }),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      // An option whose value may be left out must not take the word after it.
      args: args.map((arg) => (/^--inspect(-brk)?$/.test(arg) ? `${arg}=${defaultInspectorPort}` : arg)),
      allowPositionals: true,
      options: {
        port: { type: 'string', short: 'p' },
        data: { type: 'string', short: 'd' },
        watch: { type: 'boolean', short: 'w', default: false },
        inspect: { type: 'string' },
        'inspect-brk': { type: 'string' },
        'no-keys': { type: 'boolean', default: false },
        'access-log': { type: 'string' },
        'log-level': { type: 'string' },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    const [what = ''] = (error as Error).message.split('. To specify');
    throw new UsageError(what.charAt(0).toLowerCase() + what.slice(1));
  }
}

function inspectorOptions(values: {
  readonly inspect?: string | undefined;
  readonly 'inspect-brk'?: string | undefined;
}) {
  const { inspect, 'inspect-brk': breaking } = values;
  if (breaking !== undefined) {
    return { port: portNumber('--inspect-brk', breaking), wait: true };
  }
  return inspect === undefined ? undefined : { port: portNumber('--inspect', inspect), wait: false };
}

function portNumber(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new UsageError(`${option} takes a port from 0 to 65535, and "${text}" is none`);
  }
  return port;
}

function logLevel(text: string): LogLevel {
  try {
    return parseLogLevel(text);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
