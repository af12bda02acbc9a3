import { parseArgs } from 'node:util';
import { DEVELOPMENT_ACCOUNT } from './blob/shared-key.ts';
import type { EventGridOptions } from './index.ts';

/** How the command line is used. */
export const USAGE = `node cli.ts --port N --data DIR --blob URL
  --port N                 port on 127.0.0.1 (0 picks a free one)
  --data DIR               folder of the durable state
  --blob URL               Azurite's blob endpoint, such as http://127.0.0.1:10010
  --account NAME           account whose writes are announced (default devstoreaccount1)
  --account-key-env NAME   variable that holds its key (default: Azurite's public key)
  --topic NAME=VARIABLE    a custom topic, and the variable that holds its key; may be repeated
  --retry-seconds A,B,…    pauses between attempts (default: the service's schedule)
  --handshake-seconds N    how long a new subscription waits for its endpoint (default 30)
  --response-seconds N     how long a subscriber may take to answer (default 30)
  --concurrency N          deliveries at once for one subscription (default 32)
  --subscription-id ID, --resource-group NAME   used in resource ids`;

/** Reads the command line; throws an Error with one clear line if something is missing or wrong. */
export function parseArguments(args: readonly string[], env: NodeJS.ProcessEnv): EventGridOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: text,
      data: text,
      blob: text,
      account: text,
      'account-key-env': text,
      topic: { type: 'string', multiple: true },
      'retry-seconds': text,
      'handshake-seconds': text,
      'response-seconds': text,
      concurrency: text,
      'subscription-id': text,
      'resource-group': text,
    },
  });
  const needed = (name: 'port' | 'data' | 'blob'): string => {
    const value = values[name];
    if (value === undefined) throw new Error(`--${name} is missing`);
    return value;
  };
  const number = (name: string, value: string): number => {
    const parsed = Number(value);
    if (value.trim() === '' || !(parsed >= 0)) throw new Error(`--${name} '${value}' is not a number`);
    return parsed;
  };
  const variable = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
    return value;
  };
  const optional = <Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } =>
    (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value };

  const port = number('port', needed('port'));
  if (!Number.isInteger(port) || port > 65_535) throw new Error(`--port ${port} is not a port`);
  const blobEndpoint = needed('blob');
  if (!/^http:\/\//.test(blobEndpoint) || !URL.canParse(blobEndpoint)) {
    throw new Error(`--blob '${blobEndpoint}' must be an http URL such as http://127.0.0.1:10010`);
  }
  const keyVariable = values['account-key-env'];
  const account = {
    name: values.account ?? DEVELOPMENT_ACCOUNT.name,
    key: keyVariable === undefined ? DEVELOPMENT_ACCOUNT.key : variable(keyVariable),
  };
  const topics = (values.topic ?? []).map((one) => {
    const match = /^([A-Za-z0-9-]+)=(\w+)$/.exec(one);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new Error(`--topic '${one}' must look like NAME=VARIABLE`);
    }
    return [match[1], variable(match[2])] as const;
  });
  const seconds = (name: 'handshake-seconds' | 'response-seconds' | 'concurrency'): number | undefined =>
    values[name] === undefined ? undefined : number(name, values[name]);

  return {
    port,
    dataDirectory: needed('data'),
    blobEndpoint,
    account,
    topics: Object.fromEntries(topics),
    ...optional(
      'retrySeconds',
      values['retry-seconds']?.split(',').map((one) => number('retry-seconds', one)),
    ),
    ...optional('handshakeSeconds', seconds('handshake-seconds')),
    ...optional('responseSeconds', seconds('response-seconds')),
    ...optional('concurrency', seconds('concurrency')),
    ...optional('subscriptionId', values['subscription-id']),
    ...optional('resourceGroup', values['resource-group']),
  };
}
