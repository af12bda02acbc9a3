#!/usr/bin/env node
import { help, parseCommand, UsageError } from './command/options.ts';

// Node still calls its SQLite experimental, on every start.
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
  const isExperimental =
    rest[0] === 'ExperimentalWarning' || (rest[0] as { type?: string })?.type === 'ExperimentalWarning';
  if (!isExperimental) {
    (emitWarning as (warning: string | Error, ...rest: unknown[]) => void)(warning, ...rest);
  }
}) as typeof process.emitWarning;

function commandOrFail() {
  try {
    return parseCommand(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    process.stderr.write(`functions-host: ${error.message}\nRun functions-host --help to see what there is.\n`);
    return process.exit(2);
  }
}

const command = commandOrFail();
if (command.kind === 'help') {
  process.stdout.write(help);
} else if (command.kind === 'version') {
  const { emulatedHostVersion } = await import('./core/functions-core.ts');
  process.stdout.write(`functions-host, which does as Azure Functions ${emulatedHostVersion} does\n`);
} else if (command.options.watch) {
  const { superviseApp } = await import('./command/supervise-app.ts');
  process.exitCode = await superviseApp(command.options);
} else {
  const { runApp } = await import('./command/run-app.ts');
  await runApp(command.options);
}
