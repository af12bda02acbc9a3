import { createDataFactory } from './index.ts';
import { parseArguments, USAGE } from './parse-arguments.ts';

try {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    process.exit(0);
  }
  const dataFactory = await createDataFactory(parseArguments(process.argv.slice(2), process.env));
  console.log(`listening on ${dataFactory.url}`);
  const stop = (): void => {
    dataFactory.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`data-factory: ${inUse ? 'the port is in use; choose another with --port' : reason} (see --help)`);
  process.exit(1);
}
