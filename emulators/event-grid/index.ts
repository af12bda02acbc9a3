import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBlobClient } from './blob/blob-client.ts';
import { createBlobProxy } from './blob/create-blob-proxy.ts';
import { DEVELOPMENT_ACCOUNT, type StorageAccount } from './blob/shared-key.ts';
import { toBlobEvent, toSequencer } from './blob/to-blob-event.ts';
import { RETRY_SECONDS } from './delivery/after-attempt.ts';
import { createDeliverer } from './delivery/create-deliverer.ts';
import { createWriteDeadLetter } from './delivery/dead-letter.ts';
import { createSender } from './delivery/post.ts';
import { createRecentOutcomes } from './delivery/recent-outcomes.ts';
import { createEventGridRoutes, isEventGridPath } from './http/create-event-grid-routes.ts';
import { createPublish } from './publish.ts';
import { openEventStore } from './store/event-store.ts';
import { createManagement } from './subscriptions/create-management.ts';
import { createRegistry } from './subscriptions/create-registry.ts';
import { couldMatch } from './subscriptions/matches-filter.ts';
import { createValidateEndpoint } from './subscriptions/validate-endpoint.ts';
import { createPublishToTopic } from './topics/create-publish-to-topic.ts';

/** How to run the emulator. */
export interface EventGridOptions {
  /** Port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** Folder of the durable state. */
  readonly dataDirectory: string;
  /** Azurite's blob endpoint, without the account. */
  readonly blobEndpoint: string;
  /** The account whose writes are announced; Azurite's built-in one by default. */
  readonly account?: StorageAccount;
  /** Custom topics and their keys. */
  readonly topics?: Readonly<Record<string, string>>;
  /** Pauses between attempts, in seconds; the last one repeats. */
  readonly retrySeconds?: readonly number[];
  /** How long a new subscription waits for its endpoint to come up. */
  readonly handshakeSeconds?: number;
  /** How long a subscriber may take to answer. */
  readonly responseSeconds?: number;
  /** Deliveries under way at once for one subscription. */
  readonly concurrency?: number;
  /** Used in resource ids. */
  readonly subscriptionId?: string;
  readonly resourceGroup?: string;
  readonly log?: (message: string) => void;
}

/** A running emulator. */
export interface EventGrid {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the blob proxy and the Event Grid service on one port. Rejects if the port is taken. */
export async function createEventGrid(options: EventGridOptions): Promise<EventGrid> {
  const log = options.log ?? ((message) => console.error(message));
  const account = options.account ?? DEVELOPMENT_ACCOUNT;
  const topics = new Map(Object.entries(options.topics ?? {}));
  const group = `/subscriptions/${options.subscriptionId ?? '00000000-0000-0000-0000-000000000000'}/resourceGroups/${options.resourceGroup ?? 'local'}`;
  const storageId = `${group}/providers/Microsoft.Storage/storageAccounts/${account.name}`;
  const topicId = (name: string): string => `${group}/providers/Microsoft.EventGrid/topics/${name}`;

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const store = openEventStore(options.dataDirectory);
  const registry = createRegistry(store);
  const recent = createRecentOutcomes();
  const concurrency = options.concurrency ?? 32;
  const sender = createSender((options.responseSeconds ?? 30) * 1000, concurrency * 2);
  const upstreamClient = createBlobClient(options.blobEndpoint, account);
  // Dead letters go through the front door: like any other write to the account, they are announced.
  const ownClient = createBlobClient(url, account);
  const deliverer = createDeliverer({
    store,
    sender,
    findSubscription: registry.find,
    writeDeadLetter: createWriteDeadLetter(ownClient, account.name),
    recent,
    log,
    retrySeconds: options.retrySeconds ?? RETRY_SECONDS,
    concurrency,
  });
  const publish = createPublish(store, registry, deliverer);

  const proxy = createBlobProxy({
    endpoint: options.blobEndpoint,
    account: account.name,
    client: upstreamClient,
    wanted: (subject, type) => registry.inScope('storage').some(({ filter }) => couldMatch(filter, subject, type)),
    announce: (finished) => {
      const seq = store.nextSeq();
      const event = toBlobEvent(finished, storageId, toSequencer(store.createdAtMs, seq));
      return publish('storage', seq, { schema: 'EventGridSchema', event });
    },
    log,
  });
  const validate = createValidateEndpoint(sender, (options.handshakeSeconds ?? 30) * 1000);
  const routes = createEventGridRoutes({
    management: createManagement(account.name, new Set(topics.keys()), registry, validate, ({ scope, name }) =>
      deliverer.release(scope, name),
    ),
    publishToTopic: createPublishToTopic(topics, topicId, store.nextSeq, publish),
    documents: {
      '/health': () => ({ status: 'healthy', blob: options.blobEndpoint, topics: [...topics.keys()] }),
      '/admin/pending': () => ({
        value: deliverer.pending().map((one) => ({ ...one, event: store.readEvent(one.seq)?.event })),
      }),
      '/admin/recent': () => ({ value: recent.list() }),
    },
    log,
  });

  server.on('request', (incoming, response) => {
    if (isEventGridPath(incoming.url ?? '/')) void routes(incoming, response);
    else proxy.handle(incoming, response);
  });

  return {
    url,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), 2000);
      sender.close();
      await deliverer.close();
      await closed;
      clearTimeout(deadline);
      proxy.close();
      upstreamClient.close();
      ownClient.close();
      store.close();
    },
  };
}
