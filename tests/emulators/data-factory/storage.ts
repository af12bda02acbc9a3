import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';

export const ACCOUNT = 'devstoreaccount1';
// The key that the storage emulators publish in their manuals: no secret.
export const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A storage account on Azurite. */
export interface Storage {
  readonly url: string;
  container(name: string): Promise<ContainerClient>;
  stop(): Promise<void>;
}

/** Starts Azurite on a free port. */
export async function startStorage(): Promise<Storage> {
  const port = await freePort();
  const location = mkdtempSync(join(tmpdir(), 'azurite-test-'));
  const azurite = spawn(
    process.execPath,
    [
      join('node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js'),
      ...['--skipApiVersionCheck', '--blobPort', String(port), '--location', location, '--silent'],
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}/${ACCOUNT}`;
  const client = new BlobServiceClient(url, new StorageSharedKeyCredential(ACCOUNT, KEY), {
    retryOptions: { maxTries: 1 },
  });
  for (let tries = 0; ; tries += 1) {
    try {
      await client.getProperties();
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(100); // Azurite is still starting.
    }
  }
  return {
    url,
    container: async (name) => {
      const container = client.getContainerClient(name);
      await container.createIfNotExists();
      return container;
    },
    stop: async () => {
      const ended = once(azurite, 'exit');
      azurite.kill('SIGKILL');
      await ended;
      rmSync(location, { recursive: true, force: true });
    },
  };
}

/** A blob's text. */
export async function textOf(container: ContainerClient, path: string): Promise<string> {
  return (await container.getBlobClient(path).downloadToBuffer()).toString('utf8');
}

/** The paths of all blobs, in order. */
export async function pathsIn(container: ContainerClient, prefix = ''): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix })) paths.push(name);
  return paths;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
