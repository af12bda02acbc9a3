import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerDocuments } from './documents/routes.ts';
import { createAccount } from './engine.ts';
import { type Answer, NOT_FOUND, refuse, sendAnswer } from './http/answer.ts';
import { createAuthorize, EMULATOR_KEY } from './http/authorize.ts';
import { MalformedBodyError } from './http/read-json.ts';
import { createResources } from './resources.ts';
import { openJournal } from './store/journal.ts';

/** How to run the emulator. */
export interface CosmosOptions {
  /** Port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** Folder of the durable state. */
  readonly dataDirectory: string;
  /** The account's key; the public key of Microsoft's emulator by default. */
  readonly key?: string;
  readonly log?: (message: string) => void;
}

/** A running emulator. */
export interface Cosmos {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the server with what the folder holds. Rejects if the port is taken. */
export async function createCosmos(options: CosmosOptions): Promise<Cosmos> {
  const log = options.log ?? ((message) => console.error(message));
  const authorize = createAuthorize(options.key ?? EMULATOR_KEY);
  const server = createServer({ keepAliveTimeout: 60_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const journal = openJournal(options.dataDirectory);
  const resources = createResources(createAccount('127.0.0.1', port), journal);

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<Answer> {
    const path = (incoming.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === '/health') return { status: 200, body: { status: 'healthy' } };
    const segments = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
    const date = String(incoming.headers['x-ms-date'] ?? incoming.headers.date ?? '');
    if (!authorize(incoming.method ?? 'GET', segments, date, incoming.headers.authorization)) {
      const message =
        'The input authorization token cannot serve the request: the key, the date or what was signed is wrong.';
      return refuse(401, 'Unauthorized', message);
    }
    const [dbs, databaseId = '', colls, collectionId = '', docs, id] = segments;
    if (dbs === 'dbs' && colls === 'colls' && docs === 'docs' && segments.length <= 6) {
      const container = resources.container(databaseId, collectionId);
      return container === undefined ? NOT_FOUND : answerDocuments(container, journal, incoming, id);
    }
    return resources.answer(incoming, response, segments);
  }

  server.on('request', (incoming, response) => {
    answer(incoming, response)
      .catch((error: unknown) => {
        if (error instanceof MalformedBodyError || error instanceof URIError)
          return refuse(400, 'BadRequest', error.message);
        log(`${incoming.method} ${incoming.url}: ${error instanceof Error ? error.stack : String(error)}`);
        return refuse(500, 'InternalServerError', String(error));
      })
      .then((result) => sendAnswer(response, result));
  });

  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), 2000);
      await closed;
      clearTimeout(deadline);
      journal.close();
    },
  };
}
