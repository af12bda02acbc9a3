import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { expect, test } from '@jest/globals';
import { clientOf, killHard, newFolder, spawnWorkspace, wheelTask } from './workspace.ts';

const ACCOUNT = 'devstoreaccount1';
// The key that the storage emulators publish in their manuals: no secret.
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

test('a warm worker reads, writes and merges Delta in Azurite under its production address', async () => {
  const port = await freePort();
  const azurite = spawn(
    process.execPath,
    [
      join('node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js'),
      ...['--skipApiVersionCheck', '--blobPort', String(port), '--location', newFolder(), '--silent'],
    ],
    { stdio: 'ignore' },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const workspace = await spawnWorkspace(newFolder(), {
    AZURE_STORAGE_USE_EMULATOR: 'true',
    AZURITE_BLOB_STORAGE_URL: endpoint,
    AZURE_STORAGE_ACCOUNT_NAME: ACCOUNT,
    AZURE_STORAGE_ACCOUNT_KEY: KEY,
  });
  try {
    await containerExists(`${endpoint}/${ACCOUNT}`, 'lake');
    const client = clientOf(workspace.url);
    for (const table of ['one', 'two']) {
      const address = `abfss://lake@${ACCOUNT}.dfs.core.windows.net/${table}`;
      const run = await client.ended(await client.submit({ tasks: [wheelTask('merge', [address])] }));
      const { logs, error } = await client.output(run.tasks[0]?.run_id ?? 0);
      expect({ error, logs }).toEqual({ logs: 'rows 15 sum 1105\n' });
    }
  } finally {
    await Promise.all([killHard(workspace.process), killHard(azurite)]);
  }
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function containerExists(url: string, name: string): Promise<void> {
  const client = new BlobServiceClient(url, new StorageSharedKeyCredential(ACCOUNT, KEY), {
    retryOptions: { maxTries: 1 },
  });
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      await client.getContainerClient(name).createIfNotExists();
      return;
    } catch {
      await sleep(100); // Azurite is still starting.
    }
  }
  throw new Error('Azurite did not start');
}
