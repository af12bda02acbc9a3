import { parseArgs } from 'node:util';
import type { PowerBiOptions } from './index.ts';

/** How the command line is used. */
export const USAGE = `node emulators/power-bi/cli.ts --port N --data DIR --model FILE --source HOST:PORT/DATABASE --source-user NAME
  --port N                     port on 127.0.0.1 (0 picks a free one)
  --data DIR                   folder of the state
  --model FILE                 the model in TMSL (model.bim)
  --source HOST:PORT/DATABASE  where the model's data source really is
  --source-user NAME           its user
  --source-password-env NAME   variable that holds the user's password (default SYNAPSE_PASSWORD)
  --source-encrypt             speak TLS with the data source
  --group ID, --dataset ID     Power BI's workspace and dataset
  --server NAME                the Analysis Services server (default local)
The accepted tokens come from the environment: POWER_BI_TOKEN, several separated by commas.`;

/** Reads the command line; throws an Error with one clear line if something is missing or wrong. */
export function parseArguments(args: readonly string[], env: NodeJS.ProcessEnv): PowerBiOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: text,
      data: text,
      model: text,
      source: text,
      'source-user': text,
      'source-password-env': text,
      'source-encrypt': { type: 'boolean' },
      group: text,
      dataset: text,
      server: text,
    },
  });
  const needed = (name: 'port' | 'data' | 'model' | 'source' | 'source-user'): string => {
    const value = values[name];
    if (value === undefined || value === '') throw new Error(`--${name} is missing; see --help`);
    return value;
  };
  const variable = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
    return value;
  };
  const tokens = variable('POWER_BI_TOKEN')
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
  const source = /^([^:/]+):(\d+)\/([^/]+)$/.exec(needed('source'));
  if (source?.[1] === undefined || source[3] === undefined) {
    throw new Error(`--source '${needed('source')}' must look like HOST:PORT/DATABASE`);
  }
  return {
    port: toPort('port', needed('port')),
    data: needed('data'),
    modelFile: needed('model'),
    tokens,
    source: {
      server: source[1],
      port: toPort('source', source[2] ?? ''),
      database: source[3],
      user: needed('source-user'),
      password: variable(values['source-password-env'] ?? 'SYNAPSE_PASSWORD'),
      encrypt: values['source-encrypt'] ?? false,
    },
    ...(values.group !== undefined && { groupId: values.group }),
    ...(values.dataset !== undefined && { datasetId: values.dataset }),
    ...(values.server !== undefined && { server: values.server }),
  };
}

function toPort(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`--${name} '${text}' is not a port`);
  return port;
}
