import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Container, CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from '../../../emulators/cosmos/http/authorize.ts';
import { createCosmos } from '../../../emulators/cosmos/index.ts';

/** A folder of its own, and how to remove it. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'cosmos-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A client with the public key. */
export function connect(url: string, key = EMULATOR_KEY): CosmosClient {
  return new CosmosClient({ endpoint: `${url}/`, key });
}

/** An emulator in this process with a container partitioned by `/pk`, for a suite. */
export async function startCosmos(): Promise<{
  url: string;
  client: CosmosClient;
  container: Container;
  stop: () => Promise<void>;
}> {
  const folder = temporaryFolder();
  const cosmos = await createCosmos({ port: 0, dataDirectory: folder.path });
  const client = connect(cosmos.url);
  const container = await makeContainer(client);
  const stop = async (): Promise<void> => {
    client.dispose();
    await cosmos.close();
    folder.remove();
  };
  return { url: cosmos.url, client, container, stop };
}

/** A container partitioned by `/pk`, in which documents may expire. */
export async function makeContainer(client: CosmosClient): Promise<Container> {
  const { database } = await client.databases.createIfNotExists({ id: 'insights' });
  const { container } = await database.containers.createIfNotExists({
    id: 'rows',
    partitionKey: '/pk',
    defaultTtl: -1,
  });
  return container;
}

/** Runs the command line in a process of its own; resolves with its URL once it is ready. */
export async function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ url: string; child: ChildProcess }> {
  const cli = join(import.meta.dirname, '../../../emulators/cosmos/cli.ts');
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready`)));
  });
  const url = /^listening on (\S+)\n$/.exec(line)?.[1];
  if (url === undefined) throw new Error(`unexpected first line: ${line}`);
  return { url, child };
}
