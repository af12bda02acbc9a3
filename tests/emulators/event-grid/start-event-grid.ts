import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { DEVELOPMENT_ACCOUNT } from '../../../emulators/event-grid/blob/shared-key.ts';

/** The topic's key in these tests. */
export const TOPIC_KEY = Buffer.from('a key for tests').toString('base64');

/** A folder of its own, and how to remove it. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'event-grid-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A port that nothing listens on right now. */
export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Polls until the condition holds; fails after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ten seconds for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Azurite's blob service on a port and folder of its own. */
export async function startAzurite(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const folder = temporaryFolder();
  const port = await freePort();
  const main = join(import.meta.dirname, '../../../node_modules/azurite/dist/src/blob/main.js');
  const args = [main, '--skipApiVersionCheck', '--blobPort', String(port), '--location', folder.path, '--silent'];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  await until(
    () =>
      fetch(endpoint).then(
        () => true,
        () => false,
      ),
    'Azurite',
  );
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    folder.remove();
  };
  return { endpoint, stop };
}

/** A storage client, as an application makes it. */
export function storageClient(url: string): BlobServiceClient {
  const credential = new StorageSharedKeyCredential(DEVELOPMENT_ACCOUNT.name, DEVELOPMENT_ACCOUNT.key);
  return new BlobServiceClient(`${url}/${DEVELOPMENT_ACCOUNT.name}`, credential, { retryOptions: { maxTries: 1 } });
}

/** An event as a subscriber got it. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  readonly data: Record<string, unknown>;
  readonly subject: string;
}

/** A webhook that does both handshakes, keeps what it gets, and answers as told. */
export interface Subscriber {
  readonly url: string;
  readonly received: Received[];
  /** Kinds of handshakes that it was asked for. */
  readonly handshakes: string[];
  /** The status of the next answers. */
  answerWith: (attempt: number) => number;
  listen(): Promise<void>;
  close(): Promise<void>;
}

/** Makes a subscriber on a port of its own, listening already unless told otherwise. */
export async function startSubscriber(listening = true): Promise<Subscriber> {
  const port = await freePort();
  let server: Server | undefined;
  const subscriber: Subscriber = {
    url: `http://127.0.0.1:${port}/hook?code=secret`,
    received: [],
    handshakes: [],
    answerWith: () => 200,
    listen: async () => {
      server = createServer((incoming, response) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          if (incoming.method === 'OPTIONS') {
            subscriber.handshakes.push('OPTIONS');
            response.setHeader('WebHook-Allowed-Origin', String(incoming.headers['webhook-request-origin']));
            response.end();
            return;
          }
          const parsed = JSON.parse(Buffer.concat(chunks).toString());
          const body = Array.isArray(parsed) ? parsed[0] : parsed;
          if (incoming.headers['aeg-event-type'] === 'SubscriptionValidation') {
            subscriber.handshakes.push('code');
            response.end(JSON.stringify({ validationResponse: body.data.validationCode }));
            return;
          }
          subscriber.received.push({ headers: incoming.headers, body, data: body.data, subject: body.subject });
          response.statusCode = subscriber.answerWith(subscriber.received.length);
          response.end();
        });
      }).listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    close: async () => {
      server?.closeAllConnections();
      await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    },
  };
  if (listening) await subscriber.listen();
  return subscriber;
}

const GROUP = '/subscriptions/s/resourceGroups/g/providers';

/** The management URL of a subscription on the storage account. */
export const onStorage = (url: string, name: string): string =>
  `${url}${GROUP}/Microsoft.Storage/storageAccounts/devstoreaccount1/providers/Microsoft.EventGrid/eventSubscriptions/${name}?api-version=2025-02-15`;

/** The management URL of a subscription on a topic. */
export const onTopic = (url: string, topic: string, name: string): string =>
  `${url}${GROUP}/Microsoft.EventGrid/topics/${topic}/eventSubscriptions/${name}?api-version=2025-02-15`;

/** PUTs a subscription to a webhook. */
export async function subscribe(target: string, endpointUrl: string, properties: object = {}): Promise<Response> {
  const body = { properties: { destination: { endpointType: 'WebHook', properties: { endpointUrl } }, ...properties } };
  return fetch(target, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

/** A filter on a container and nothing else. */
export const onlyContainer = (container: string): object => ({
  filter: { subjectBeginsWith: `/blobServices/default/containers/${container}/` },
});

/** Runs the command line in a process of its own; resolves with its URL once it is ready. */
export async function runCli(args: readonly string[]): Promise<{ url: string; child: ChildProcess }> {
  const cli = join(import.meta.dirname, '../../../emulators/event-grid/cli.ts');
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TEST_TOPIC_KEY: TOPIC_KEY },
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready`)));
  });
  const url = /^listening on (\S+)\n$/.exec(line)?.[1];
  if (url === undefined) throw new Error(`unexpected first line: ${line}`);
  return { url, child };
}
