import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { newFolder } from './start-host.ts';

export interface TestStorage {
  readonly connectionString: string;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../../..');
/** Azurite's own, which is published. */
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Starts Azurite on free ports. */
async function startAzurite(): Promise<TestStorage> {
  const ports = ['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'];
  const options = ['--location', newFolder(), '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const server = spawn(process.execPath, [join(root, 'emulators/blob-storage/cli.ts'), ...ports, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('Table service is successfully listening')) resolve();
    });
    server.once('exit', () => reject(new Error(`Azurite ended before it was ready: ${output}`)));
  });
  const portOf = (service: string) =>
    new RegExp(`${service} service is successfully listening at \\S+:(\\d+)`).exec(output)?.[1];
  const endpoint = (service: string) => `http://127.0.0.1:${portOf(service)}/devstoreaccount1`;
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};BlobEndpoint=${endpoint('Blob')};QueueEndpoint=${endpoint('Queue')};TableEndpoint=${endpoint('Table')}`,
    stop: async () => {
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
    },
  };
}

/** Runs `start` with an Azurite of its own, which is ended when that fails. */
export async function withAzurite<T>(start: (storage: TestStorage) => Promise<T>): Promise<T> {
  const storage = await startAzurite();
  try {
    return await start(storage);
  } catch (error) {
    await storage.stop();
    throw error;
  }
}
