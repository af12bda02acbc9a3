import { delimiter } from 'node:path';
import { parseArgs } from 'node:util';
import { createDatabricks, type DatabricksOptions } from './index.ts';

const USAGE = `Usage: node emulators/databricks/cli.ts --port N --data DIR --python PYTHON [--pythonpath DIRS]
  [--bundle-root DIR] [--preload mod1,mod2] [--max-parallel-tasks 2] [--spares 2]
  [--catalog-root URI] [--catalog main] [--catalog-schemas bronze,silver,gold] [--warehouse-id ID] [--max-parallel-statements 2]
The accepted tokens come from the environment: DATABRICKS_TOKEN, several separated by commas.`;

function readOptions(): DatabricksOptions {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      python: { type: 'string' },
      pythonpath: { type: 'string' },
      preload: { type: 'string' },
      'bundle-root': { type: 'string' },
      'max-parallel-tasks': { type: 'string' },
      spares: { type: 'string' },
      catalog: { type: 'string' },
      'catalog-root': { type: 'string' },
      'catalog-schemas': { type: 'string' },
      'warehouse-id': { type: 'string' },
      'max-parallel-statements': { type: 'string' },
      'statement-timeout-seconds': { type: 'string' },
    },
  });
  const { port, data, python } = values;
  if (port === undefined || data === undefined || python === undefined) throw new Error(USAGE);
  const tokens = split(process.env.DATABRICKS_TOKEN, ',');
  if (tokens.length === 0) throw new Error('Set DATABRICKS_TOKEN to the token that clients will send.');
  const { 'bundle-root': bundleRoot, 'catalog-root': root, 'warehouse-id': warehouseId } = values;
  const timeout = values['statement-timeout-seconds'];
  return {
    port: wholeNumber('port', port, 0, 65_535),
    data,
    python,
    tokens,
    pythonpath: split(values.pythonpath, delimiter),
    preload: split(values.preload, ','),
    ...(bundleRoot !== undefined && { bundleRoot }),
    maxParallelTasks: wholeNumber('max-parallel-tasks', values['max-parallel-tasks'] ?? '2', 1, 64),
    spares: wholeNumber('spares', values.spares ?? '2', 0, 16),
    sql: {
      ...(warehouseId !== undefined && { warehouseId }),
      catalog: {
        name: identifier('catalog', values.catalog ?? 'main'),
        schemas: split(values['catalog-schemas'] ?? 'bronze,silver,gold', ',').map((name) =>
          identifier('catalog-schemas', name),
        ),
        ...(root !== undefined && { root }),
      },
      timeoutMs: 1000 * wholeNumber('statement-timeout-seconds', timeout ?? '172800', 1, 172_800),
      concurrency: wholeNumber('max-parallel-statements', values['max-parallel-statements'] ?? '2', 1, 16),
    },
  };
}

function split(text: string | undefined, separator: string): string[] {
  return (text ?? '')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function identifier(name: string, text: string): string {
  if (!/^[a-z_]\w*$/i.test(text)) throw new Error(`--${name} takes names of letters, digits and _, not ${text}.`);
  return text;
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`--${name} must be a whole number from ${least} to ${most}, not ${text}.`);
  }
  return value;
}

try {
  const workspace = await createDatabricks(readOptions());
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void workspace.close().then(() => process.exit(0));
    });
  }
  process.stdout.write(`listening on ${workspace.url}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
