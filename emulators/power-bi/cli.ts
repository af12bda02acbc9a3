import { createPowerBi } from './index.ts';
import { parseArguments, USAGE } from './parse-arguments.ts';

try {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    process.exit(0);
  }
  const services = await createPowerBi(parseArguments(process.argv.slice(2), process.env));
  console.log(`listening on ${services.url}`);
  const stop = (): void => {
    services.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = error instanceof Error ? error.message : String(error);
  console.error(`power-bi emulator: ${inUse ? 'the port is in use; choose another with --port' : message}`);
  process.exit(1);
}
