import { once } from 'node:events';
import { AzureKeyCredential, EventGridPublisherClient, generateSharedAccessSignature } from '@azure/eventgrid';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createEventGrid, type EventGrid, type EventGridOptions } from '../../../emulators/event-grid/index.ts';
import {
  onStorage,
  onTopic,
  runCli,
  type Subscriber,
  startAzurite,
  startSubscriber,
  storageClient,
  subscribe,
  TOPIC_KEY,
  temporaryFolder,
  until,
} from './start-event-grid.ts';

let folder: { path: string; remove: () => void };
let subscriber: Subscriber;
let eventGrid: EventGrid | undefined;

beforeEach(async () => {
  folder = temporaryFolder();
  subscriber = await startSubscriber();
});
afterEach(async () => {
  await eventGrid?.close();
  eventGrid = undefined;
  await subscriber.close();
  folder.remove();
});

async function start(options: Partial<EventGridOptions> = {}): Promise<string> {
  eventGrid = await createEventGrid({
    port: 0,
    dataDirectory: folder.path,
    blobEndpoint: 'http://127.0.0.1:9',
    topics: { orders: TOPIC_KEY },
    retrySeconds: [0.05],
    handshakeSeconds: 0.3,
    log: () => {},
    ...options,
  });
  return eventGrid.url;
}

const insecure = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
const publisher = (url: string, key = TOPIC_KEY) =>
  new EventGridPublisherClient(`${url}/topics/orders/api/events`, 'EventGrid', new AzureKeyCredential(key), insecure);
const order = (n: number) => ({
  id: `id-${n}`,
  eventType: 'Order.Placed',
  subject: `orders/${n}`,
  dataVersion: '1',
  data: { n },
});
const pendingAt = async (url: string): Promise<Record<string, unknown>[]> =>
  ((await (await fetch(`${url}/admin/pending`)).json()) as { value: Record<string, unknown>[] }).value;
const recentAt = async (url: string): Promise<Record<string, unknown>[]> =>
  ((await (await fetch(`${url}/admin/recent`)).json()) as { value: Record<string, unknown>[] }).value;

describe('topics', () => {
  test('what the publisher client sends in the Event Grid schema reaches a subscriber', async () => {
    const url = await start();
    expect((await subscribe(onTopic(url, 'orders', 'sub'), subscriber.url)).status).toBe(201);
    await publisher(url).send([order(1), order(2)]);
    await until(() => subscriber.received.length === 2, 'two events');
    expect(subscriber.received.map(({ body }) => body.id).toSorted()).toEqual(['id-1', 'id-2']);
    expect(subscriber.received[0]?.body).toMatchObject({
      eventType: 'Order.Placed',
      dataVersion: '1',
      metadataVersion: '1',
    });
    expect(subscriber.received[0]?.headers['aeg-data-version']).toBe('1');
  });

  test('what it sends as CloudEvents reaches a CloudEvents subscriber after the OPTIONS handshake', async () => {
    const url = await start();
    await subscribe(onTopic(url, 'orders', 'cloud'), subscriber.url, { eventDeliverySchema: 'CloudEventSchemaV1_0' });
    expect(subscriber.handshakes).toEqual(['OPTIONS']);
    const endpoint = `${url}/topics/orders/api/events`;
    const client = new EventGridPublisherClient(endpoint, 'CloudEvent', new AzureKeyCredential(TOPIC_KEY), insecure);
    await client.send([
      {
        id: 'c-1',
        type: 'Order.Placed',
        source: '/shop',
        subject: 's',
        data: { n: 1 },
        extensionAttributes: { trace: 'x' },
      },
    ]);
    await until(() => subscriber.received.length === 1, 'the event');
    expect(subscriber.received[0]?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
    expect(subscriber.received[0]?.body).toMatchObject({
      specversion: '1.0',
      id: 'c-1',
      source: '/shop',
      trace: 'x',
      data: { n: 1 },
    });
  });

  test('a wrong key is 401, a token is as good as the key until it expires, malformed events are 400', async () => {
    const url = await start();
    const endpoint = `${url}/topics/orders/api/events`;
    await expect(publisher(url, 'd3Jvbmc=').send([order(1)])).rejects.toMatchObject({ statusCode: 401 });
    const token = (ms: number) =>
      generateSharedAccessSignature(endpoint, new AzureKeyCredential(TOPIC_KEY), new Date(Date.now() + ms));
    const post = (token: string, body: string) =>
      fetch(endpoint, {
        method: 'POST',
        headers: { 'aeg-sas-token': token, 'content-type': 'application/json' },
        body,
      });
    expect((await post(await token(60_000), '[]')).status).toBe(200);
    expect((await post(await token(-60_000), '[]')).status).toBe(401);
    expect((await post(`${await token(60_000)}x`, '[]')).status).toBe(401);
    expect((await post(await token(60_000), '[{"id":"1"}]')).status).toBe(400);
    expect((await post(await token(60_000), 'not json')).status).toBe(400);
  });
});

describe('subscriptions', () => {
  test('putting a subscription again is a no-op, and only another endpoint is asked for a new handshake', async () => {
    const url = await start();
    const target = onTopic(url, 'orders', 'sub');
    expect((await subscribe(target, subscriber.url)).status).toBe(201);
    expect((await subscribe(target, subscriber.url)).status).toBe(200);
    expect(subscriber.handshakes).toEqual(['code']);
    await subscribe(target, subscriber.url.replace('secret', 'other'));
    expect(subscriber.handshakes).toEqual(['code', 'code']);
    expect(await (await fetch(target)).json()).toMatchObject({
      name: 'sub',
      properties: { destination: { properties: { endpointBaseUrl: subscriber.url.split('?')[0] } } },
    });
    expect((await fetch(target, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(target)).status).toBe(404);
  });

  test('an endpoint that does not come up in time is refused with what went wrong', async () => {
    const url = await start();
    const answer = await subscribe(onTopic(url, 'orders', 'sub'), 'http://127.0.0.1:9/none');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { code: 'Url validation', message: expect.stringContaining('ECONNREFUSED') },
    });
  });

  test('an endpoint that comes up late is waited for', async () => {
    const url = await start({ handshakeSeconds: 5 });
    const late = await startSubscriber(false);
    const answer = subscribe(onTopic(url, 'orders', 'sub'), late.url);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await late.listen();
    expect((await answer).status).toBe(201);
    await late.close();
  });

  test('what cannot be done is refused by name', async () => {
    const url = await start();
    const refusal = async (properties: object): Promise<string> => {
      const answer = await subscribe(onTopic(url, 'orders', 'sub'), subscriber.url, properties);
      expect(answer.status).toBe(400);
      return ((await answer.json()) as { error: { message: string } }).error.message;
    };
    expect(await refusal({ eventDeliverySchema: 'Custom' })).toContain('eventDeliverySchema');
    expect(await refusal({ retryPolicy: { maxDeliveryAttempts: 31 } })).toContain('maxDeliveryAttempts');
    const filter = { advancedFilters: [{ operatorType: 'Guess', key: 'subject' }] };
    expect(await refusal({ filter })).toContain('advancedFilters[0].operatorType');
    expect((await subscribe(onTopic(url, 'nothing', 'sub'), subscriber.url)).status).toBe(404);
  });

  test('a subscriber gets only what passes its filter', async () => {
    const url = await start();
    await subscribe(onTopic(url, 'orders', 'picky'), subscriber.url, {
      filter: {
        subjectBeginsWith: 'ORDERS/',
        includedEventTypes: ['Order.Placed'],
        advancedFilters: [
          { operatorType: 'NumberGreaterThan', key: 'data.n', value: 1 },
          { operatorType: 'StringNotIn', key: 'subject', values: ['orders/3'] },
        ],
      },
    });
    const other = { ...order(9), eventType: 'Order.Cancelled' };
    await publisher(url).send([order(1), order(2), order(3), other, { ...order(5), subject: 'else/5' }, order(4)]);
    await until(() => subscriber.received.length >= 2, 'the events');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(subscriber.received.map(({ subject }) => subject).toSorted()).toEqual(['orders/2', 'orders/4']);
  });
});

describe('delivery', () => {
  test('a failed delivery is tried again with a growing count until it succeeds', async () => {
    const url = await start();
    await subscribe(onTopic(url, 'orders', 'sub'), subscriber.url);
    subscriber.answerWith = (attempt) => (attempt < 3 ? 500 : 202);
    await publisher(url).send([order(1)]);
    await until(async () => (await recentAt(url)).length === 1, 'the outcome');
    expect(subscriber.received.map(({ headers }) => headers['aeg-delivery-count'])).toEqual(['0', '1', '2']);
    expect((await recentAt(url))[0]).toMatchObject({ result: 'delivered', attempts: 3, id: 'id-1' });
    expect(await pendingAt(url)).toEqual([]);
  });

  test('a subscriber that is down gets its events as soon as it is back, not at the next slot of the schedule', async () => {
    const url = await start({ retrySeconds: [3600] });
    await subscribe(onTopic(url, 'orders', 'sub'), subscriber.url);
    await subscriber.close();
    await publisher(url).send([order(1), order(2)]);
    await until(
      async () => (await pendingAt(url)).every((one) => one.lastOutcome === 'ConnectionRefused'),
      'a refusal',
    );
    await subscriber.listen();
    const since = Date.now();
    await until(() => subscriber.received.length === 2, 'the events');
    expect(Date.now() - since).toBeLessThan(2000);
  });

  test('an event that is refused for good is dropped where there is no dead-letter container', async () => {
    const url = await start();
    await subscribe(onTopic(url, 'orders', 'sub'), subscriber.url);
    subscriber.answerWith = () => 403;
    await publisher(url).send([order(1)]);
    await until(async () => (await recentAt(url)).length === 1, 'the outcome');
    expect((await recentAt(url))[0]).toMatchObject({ result: 'dropped', attempts: 1 });
    expect(subscriber.received).toHaveLength(1);
  });

  test('undelivered events survive kill -9 and are delivered at once on the next start; sequencers go on', async () => {
    const azurite = await startAzurite();
    const args = [
      '--data',
      folder.path,
      '--blob',
      azurite.endpoint,
      '--retry-seconds',
      '3600',
      '--topic',
      'orders=TEST_TOPIC_KEY',
    ];
    const first = await runCli(['--port', '0', ...args]);
    await subscribe(onStorage(first.url, 'landing'), subscriber.url);
    await subscriber.close();
    const container = storageClient(first.url).getContainerClient('landing');
    await container.create();
    const upload = (name: string) => container.getBlockBlobClient(name).upload('x', 1);
    await Promise.all(['a', 'b', 'c'].map(upload));
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    await subscriber.listen();
    const second = await runCli(['--port', new URL(first.url).port, ...args]);
    await until(() => subscriber.received.length >= 3, 'the events from before');
    await upload('d');
    await until(() => subscriber.received.some(({ subject }) => subject.endsWith('/d')), 'the event from after');
    const names = new Set(subscriber.received.map(({ subject }) => subject.at(-1)));
    expect([...names].toSorted()).toEqual(['a', 'b', 'c', 'd']);
    const sequencerOf = (name: string): string =>
      String(subscriber.received.find(({ subject }) => subject.endsWith(`/${name}`))?.data.sequencer);
    expect(['a', 'b', 'c'].every((name) => sequencerOf(name) < sequencerOf('d'))).toBe(true);
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
    await azurite.stop();
  }, 20_000);

  test('an event that is given up becomes a dead letter with its story', async () => {
    const azurite = await startAzurite();
    const url = await start({ blobEndpoint: azurite.endpoint });
    const container = storageClient(url).getContainerClient('dead-letters');
    await container.create();
    await subscribe(onTopic(url, 'orders', 'sub'), subscriber.url, {
      retryPolicy: { maxDeliveryAttempts: 2 },
      deadLetterDestination: { endpointType: 'StorageBlob', properties: { blobContainerName: 'dead-letters' } },
    });
    subscriber.answerWith = (attempt) => (attempt === 1 ? 400 : 503);
    await publisher(url).send([order(1)]);
    await until(async () => (await recentAt(url)).length === 1, 'the first outcome');
    await publisher(url).send([order(2)]);
    await until(async () => (await recentAt(url)).length === 2, 'the second outcome');
    const letters: Record<string, unknown>[] = [];
    for await (const { name } of container.listBlobsFlat()) {
      expect(name).toMatch(/^SUB\/\d{4}\/\d+\/\d+\/\d+\/\d+\.json$/);
      letters.push(...JSON.parse((await container.getBlockBlobClient(name).downloadToBuffer()).toString()));
    }
    const [refused, exhausted] = letters.toSorted((left, right) => (String(left.id) < String(right.id) ? -1 : 1));
    expect(refused).toMatchObject({
      ...order(1),
      deadLetterReason: 'UndeliverableDueToHttpBadRequest',
      deliveryAttempts: 1,
      lastDeliveryOutcome: 'BadRequest',
      lastHttpStatusCode: 400,
      publishTime: expect.any(String),
      lastDeliveryAttemptTime: expect.any(String),
    });
    expect(exhausted).toMatchObject({
      id: 'id-2',
      deadLetterReason: 'MaxDeliveryAttemptsExceeded',
      deliveryAttempts: 2,
    });
    await azurite.stop();
  }, 20_000);
});
