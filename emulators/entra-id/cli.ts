import { parseArgs } from 'node:util';
import { createEntraId, type EntraIdOptions } from './index.ts';

const USAGE = `node emulators/entra-id/cli.ts --port N --data DIR
  --port N     port on 127.0.0.1 (0 picks a free one)
  --data DIR   folder of the keys, which are made at the first start`;

/** Reads the command line; throws an Error with one clear line if something is missing or wrong. */
function parseArguments(args: string[]): EntraIdOptions {
  const { values } = parseArgs({ args, options: { port: { type: 'string' }, data: { type: 'string' } } });
  const port = Number(values.port);
  if (values.port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port ?? 'is missing'}: it must be a number from 0 to 65535`);
  if (values.data === undefined) throw new Error('--data is missing');
  return { port, data: values.data };
}

try {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    process.exit(0);
  }
  const entraId = await createEntraId(parseArguments(process.argv.slice(2)));
  console.log(`issuer ${entraId.issuer}`);
  console.log(`listening on ${entraId.url}`);
  const stop = (): void => {
    entraId.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = error instanceof Error ? error.message : String(error);
  console.error(
    `entra-id emulator: ${inUse ? 'the port is in use; choose another with --port' : message} (see --help)`,
  );
  process.exit(1);
}
