import { parseArgs } from 'node:util';
import type { DataFactoryOptions } from './index.ts';

/** How the command line is used. */
export const USAGE = `node emulators/data-factory/cli.ts --port N --data DIR [options]
  --port N                       port on 127.0.0.1 (0 picks a free one)
  --data DIR                     folder of the durable state and of ca.pem, which clients must trust
  --token-env NAME               variable that holds an accepted bearer token; may be repeated (default DATA_FACTORY_TOKEN)
  --secret NAME=VARIABLE         a Key Vault secret, and the variable that holds it; may be repeated
  --account-key ACCOUNT=VARIABLE a storage account that the factory's identity may use, and the variable that holds its key;
                                 may be repeated`;

/** Reads the command line; throws an Error with one clear line if something is missing or wrong. */
export function parseArguments(args: readonly string[], env: NodeJS.ProcessEnv): DataFactoryOptions {
  const text = { type: 'string' } as const;
  const many = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { port: text, data: text, 'token-env': many, secret: many, 'account-key': many },
  });
  const variable = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
    return value;
  };
  const pairs = (option: 'secret' | 'account-key'): Record<string, string> =>
    Object.fromEntries(
      (values[option] ?? []).map((one) => {
        const [, name, source] = /^([\w-]+)=(\w+)$/.exec(one) ?? [];
        if (name === undefined || source === undefined)
          throw new Error(`--${option} '${one}' must look like NAME=VARIABLE`);
        return [name, variable(source)];
      }),
    );
  const port = Number(values.port ?? Number.NaN);
  if (values.port === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(values.port === undefined ? '--port is missing' : `--port ${values.port} is not a port`);
  }
  if (values.data === undefined) throw new Error('--data is missing');
  return {
    port,
    data: values.data,
    tokens: (values['token-env'] ?? ['DATA_FACTORY_TOKEN']).map(variable),
    secrets: pairs('secret'),
    accountKeys: pairs('account-key'),
  };
}
