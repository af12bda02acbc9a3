import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobServiceClient } from '@azure/storage-blob';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { blobService } from '../../../scripts/provision/storage.ts';
import { freePorts, ROOT, settingsAt } from '../../../scripts/stack/endpoints.ts';

jest.setTimeout(60_000);

describe('Azurite, killed', () => {
  let folder: string;
  let server: ChildProcess;
  let blobs: BlobServiceClient;
  let port: number;

  const start = async (): Promise<void> => {
    server = spawn(
      process.execPath,
      [
        ...[join(ROOT, 'emulators/blob-storage/cli.ts'), '--blobPort', String(port), '--queuePort', '0', '--tablePort'],
        ...['0', '--location', folder, '--skipApiVersionCheck', '--silent', '--disableTelemetry'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise<void>((resolve, reject) => {
      server.stdout?.on('data', (chunk) => {
        if (String(chunk).includes('Table service is successfully listening')) resolve();
      });
      server.once('exit', () => reject(new Error('Azurite ended before it was ready')));
    });
  };
  const kill = async (): Promise<void> => {
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'landfall-blobs-'));
    const ports = await freePorts();
    port = ports.blob;
    await start();
    blobs = blobService(settingsAt(ports));
  });
  afterEach(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('has every blob that it said it had, changed and deleted ones as they were last', async () => {
    const container = blobs.getContainerClient('landing');
    await container.create();
    const write = (name: string, text: string) => container.getBlockBlobClient(name).upload(text, text.length);
    for (let index = 0; index < 20; index++) await write(`file-${index}`, `content ${index}`);
    await write('file-3', 'another content');
    await container.deleteBlob('file-4');
    const big = container.getBlockBlobClient('blocks');
    await big.stageBlock('MDAwMQ==', 'abc', 3);
    await big.commitBlockList(['MDAwMQ==']);
    for (let kills = 0; kills < 2; kills++) {
      await kill();
      await start();
      const names: string[] = [];
      for await (const { name } of container.listBlobsFlat()) names.push(name);
      expect(names).toHaveLength(20);
      expect(names).not.toContain('file-4');
      const read = async (name: string) => (await container.getBlobClient(name).downloadToBuffer()).toString();
      expect(await read('file-3')).toBe('another content');
      expect(await read('file-19')).toBe('content 19');
      expect(await read('blocks')).toBe('abc');
    }
  });

  test('goes on writing after it was started again, also over a snapshot', async () => {
    const container = blobs.getContainerClient('lake');
    await container.create();
    const write = (name: string) => container.getBlockBlobClient(name).upload(name, name.length);
    await write('first');
    await kill();
    await start();
    await write('second');
    await kill();
    await start();
    for (const name of ['first', 'second'])
      expect((await container.getBlobClient(name).downloadToBuffer()).toString()).toBe(name);
  });
});
