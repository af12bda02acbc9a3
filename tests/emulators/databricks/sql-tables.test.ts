import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { expect, test } from '@jest/globals';
import { readOnlyStorage } from '../../../emulators/databricks/sql/storage-access.ts';
import { type Body, sqlClientOf } from './sql-workspace.ts';
import { clientOf, killHard, newFolder, spawnWorkspace, wheelTask } from './workspace.ts';

const ACCOUNT = 'devstoreaccount1';
// The key that the storage emulators publish in their manuals: no secret.
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const LAKE = `abfss://lake@${ACCOUNT}.dfs.core.windows.net`;

test('Delta tables of Azurite are found as they come to be, read with a credential that cannot write, and outlive a kill', async () => {
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
  const data = newFolder();
  const storage = {
    AZURE_STORAGE_USE_EMULATOR: 'true',
    AZURITE_BLOB_STORAGE_URL: endpoint,
    AZURE_STORAGE_ACCOUNT_NAME: ACCOUNT,
    AZURE_STORAGE_ACCOUNT_KEY: KEY,
  };
  let workspace = await spawnWorkspace(data, storage, ['--catalog-root', LAKE]);
  try {
    await containerExists(`${endpoint}/${ACCOUNT}`, 'lake');
    const sql = sqlClientOf(workspace.url);
    expect((await sql.run('SHOW TABLES IN main.silver')).result?.data_array).toBeUndefined();
    for (const [path, name] of [
      ['silver/some-files', 'main.silver.some_files'],
      ['gold/some-files/by-day', 'main.gold.some_files_by_day'],
    ] as const) {
      const jobs = clientOf(workspace.url);
      await jobs.ended(await jobs.submit({ tasks: [wheelTask('merge', [`${LAKE}/${path}`])] }));
      const { result } = await sql.run(`SELECT count(*) FROM ${name}`);
      expect(result?.data_array).toEqual([['15']]);
      const described = await sql.run(`DESCRIBE TABLE ${name}`);
      expect(described.result?.data_array?.map(([column]) => column)).toContain('id');
    }
    const current = await sql.run('SELECT count(*) FROM some_files VERSION AS OF 0', { schema: 'silver' });
    expect(current.status.state).toBe('SUCCEEDED');

    const { AZURE_STORAGE_ACCOUNT_KEY: key, AZURE_STORAGE_SAS_TOKEN: signature = '' } = readOnlyStorage(storage);
    expect(key).toBeUndefined();
    const lake = new BlobServiceClient(`${endpoint}/${ACCOUNT}?${signature}`, undefined, {
      retryOptions: { maxTries: 1 },
    }).getContainerClient('lake');
    const log = 'silver/some-files/_delta_log/00000000000000000000.json';
    expect(await lake.getBlobClient(log).exists()).toBe(true);
    await expect(lake.getBlockBlobClient('new').upload('x', 1)).rejects.toMatchObject({ statusCode: 403 });
    await expect(lake.getBlobClient(log).delete()).rejects.toMatchObject({ statusCode: 403 });

    const long = await sql.run('SELECT count(*) FROM range(100000000) a WHERE sqrt(a.id) > 5', { wait_timeout: '0s' });
    await killHard(workspace.process);
    workspace = await spawnWorkspace(data, storage, ['--catalog-root', LAKE]);
    const after = sqlClientOf(workspace.url);
    expect((await after.until(long.statement_id, 'SUCCEEDED')).result?.data_array).toEqual([['99999974']]);
    expect(((await after.get(current.statement_id)) as Body).result?.data_array).toEqual(current.result?.data_array);
  } finally {
    await Promise.all([killHard(workspace.process), killHard(azurite)]);
  }
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    import('node:net').then(({ createServer }) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    }, reject);
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
