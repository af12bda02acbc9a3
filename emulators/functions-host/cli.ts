#!/usr/bin/env node
import { parseArgs } from 'node:util';
import type { LogLevel } from './core/rpc-types.ts';

const usage =
  'usage: node cli.ts <app folder> --data DIR [--port 7071] [--log-level trace|debug|info|warn|error|none] [--no-keys]';

/** Ends with one clear line. */
function fail(message: string): never {
  process.stderr.write(`functions-host: ${message}\n`);
  process.exit(1);
}

// Node still calls its SQLite experimental, on every start.
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
  const isExperimental =
    rest[0] === 'ExperimentalWarning' || (rest[0] as { type?: string })?.type === 'ExperimentalWarning';
  if (!isExperimental) {
    (emitWarning as (warning: string | Error, ...rest: unknown[]) => void)(warning, ...rest);
  }
}) as typeof process.emitWarning;

const { createFunctionsHost } = await import('./index.ts');
const { HostSetupError } = await import('./core/errors.ts');
const { parseLogLevel, stackOf } = await import('./core/logger.ts');

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '7071' },
      data: { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
      'no-keys': { type: 'boolean', default: false },
    },
  });
  const [appFolder, ...more] = positionals;
  const port = Number(values.port);
  if (appFolder === undefined || more.length > 0 || values.data === undefined) {
    throw new RangeError(`give one app folder and --data; ${usage}`);
  }
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new RangeError(`"${values.port}" is no port; ${usage}`);
  }
  const logLevel: LogLevel = parseLogLevel(values['log-level']);
  return { appFolder, dataFolder: values.data, port, logLevel, enforceKeys: !values['no-keys'] };
}

function optionsOrFail() {
  try {
    return readOptions();
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const options = optionsOrFail();
// A mistake of the app outside of any call must neither end the host nor go unseen.
process.on('unhandledRejection', (reason) => {
  process.stderr.write(`unhandled rejection in the app: ${stackOf(reason)}\n`);
});
process.on('uncaughtException', (error) => {
  process.stderr.write(`uncaught exception in the app: ${stackOf(error)}\n`);
});

try {
  const host = await createFunctionsHost(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      host.close().then(
        () => process.exit(0),
        (error: unknown) => fail(`could not close in order: ${stackOf(error)}`),
      );
    });
  }
  process.stdout.write(`listening on ${host.url}\n`);
} catch (error) {
  fail(error instanceof HostSetupError ? error.message : stackOf(error));
}
