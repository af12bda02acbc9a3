import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installPythonPackages } from './setup/python-packages.mjs';
import { pythonProgram, ROOT } from './stack/endpoints.ts';
import { startProcess } from './stack/managed-process.ts';

// `npm run test:spark [-- pytest's arguments]`: the tests that have a session, on Apache Spark with Delta in place of Sail. It
// runs behind Spark Connect, as Databricks' serverless compute and clusters in standard access mode do. Spark and Delta are
// installed for this alone, and the tests run in the project's own environment.
const FOLDER = join(ROOT, '.landfall', 'spark');
// Two processes ask one Spark: between what they ask for each is busy itself. A file's tests stay together, and files in
// their order: those with the most tests are not those that take the longest.
const ALL = ['-n', '2', '--dist', 'loadfile', '--no-loadscope-reorder', '--durations=10', 'tests/databricks'];
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = Number(/version "(\d+)/.exec(java.stderr ?? '')?.[1] ?? 0);
  if (version < 17) {
    console.error(
      `Apache Spark needs Java 17 or newer, and ${version === 0 ? 'there is none' : `this is ${version}`}.`,
    );
    return 1;
  }
  const spark = installPythonPackages(join(FOLDER, 'venv'), join(import.meta.dirname, 'spark', 'requirements.lock'));
  const sources = ['databricks/src', 'tests/databricks'].map((folder) => join(ROOT, folder));
  const server = await startProcess({
    name: 'Apache Spark',
    command: spark,
    args: [join(import.meta.dirname, 'spark', 'serve_spark.py'), FOLDER],
    cwd: ROOT,
    // Its workers run the functions that the jobs send: in the project's environment, with the jobs at hand.
    env: { ...process.env, PYSPARK_PYTHON: pythonProgram('python'), PYTHONPATH: sources.join(':') },
    logFile: join(FOLDER, 'spark.log'),
    ready: /listening on sc:\S+\n/,
    readyWithinSeconds: 300, // the first time it brings the jars
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.error(
      '\nApache Spark could not be started. Is Maven Central reachable, from which Spark gets the jars of Delta?',
    );
    return undefined;
  });
  if (server === undefined) return 1;
  try {
    const { status } = spawnSync(pythonProgram('pytest'), args.length > 0 ? args : ALL, {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, LANDFALL_TEST_SPARK: server.ready.trim().slice('listening on '.length) },
    });
    return status ?? 1;
  } finally {
    await server.stop();
  }
}
