import { parseArgs } from 'node:util';
import { type CosmosOptions, createCosmos } from './index.ts';

const USAGE = `node cli.ts --port N --data DIR
  --port N     port on 127.0.0.1 (0 picks a free one)
  --data DIR   folder of the durable state
  COSMOS_KEY   variable with the account's key (default: the public key of Microsoft's emulator)`;

/** Reads the command line; throws an Error with one clear line if something is missing or wrong. */
function parseArguments(args: string[], env: NodeJS.ProcessEnv): CosmosOptions {
  const { values } = parseArgs({ args, options: { port: { type: 'string' }, data: { type: 'string' } } });
  const port = Number(values.port);
  if (values.port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port ${values.port ?? 'is missing'}: it must be a number from 0 to 65535`);
  }
  if (values.data === undefined) throw new Error('--data is missing');
  return { port, dataDirectory: values.data, ...(env.COSMOS_KEY ? { key: env.COSMOS_KEY } : {}) };
}

try {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    process.exit(0);
  }
  const cosmos = await createCosmos(parseArguments(process.argv.slice(2), process.env));
  console.log(`listening on ${cosmos.url}`);
  const stop = (): void => {
    cosmos.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`cosmos: ${inUse ? 'the port is in use; choose another with --port' : reason} (see --help)`);
  process.exit(1);
}
