import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventGridOutput } from '../../../../emulators/functions-host/bindings/event-grid-binding.ts';
import type { BindingPorts } from '../../../../emulators/functions-host/bindings/function-bindings.ts';
import type { RpcTypedData } from '../../../../emulators/functions-host/core/rpc-types.ts';

const deliveries: { key: unknown; type: unknown; body: unknown }[] = [];
let status = 200;
let topic: Server;
let environment: Record<string, string>;

beforeAll(async () => {
  topic = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    deliveries.push({
      key: request.headers['aeg-sas-key'],
      type: request.headers['content-type'],
      body: JSON.parse(body),
    });
    response.writeHead(status).end(status === 200 ? '' : 'no such event');
  });
  await new Promise<void>((resolve) => topic.listen(0, '127.0.0.1', resolve));
  environment = {
    TopicUri: `http://127.0.0.1:${(topic.address() as AddressInfo).port}/api/events`,
    TopicKey: 'secret',
  };
});
afterAll(() => new Promise((resolve) => topic.close(resolve)));
beforeEach(() => {
  deliveries.length = 0;
  status = 200;
});

const binding = {
  type: 'eventGrid',
  direction: 'out',
  topicEndpointUri: 'TopicUri',
  topicKeySetting: 'TopicKey',
} as const;
const write = (value: RpcTypedData, settings = environment) =>
  eventGridOutput(binding, { environment: settings } as unknown as BindingPorts)(value, {}, 'id');
const event = { id: '1', subject: 's', eventType: 't', dataVersion: '1', data: {}, eventTime: '2026-01-01T00:00:00Z' };

describe('an output to Event Grid', () => {
  test('delivers one event or several at once, with the key of the topic', async () => {
    await write({ json: JSON.stringify(event) });
    await write({ json: JSON.stringify([event, { ...event, id: '2' }]) });
    expect(deliveries).toEqual([
      { key: 'secret', type: 'application/json', body: [event] },
      { key: 'secret', type: 'application/json', body: [event, { ...event, id: '2' }] },
    ]);
  });

  test('delivers CloudEvents as such', async () => {
    const cloud = { specversion: '1.0', id: '1', source: 's', type: 't' };
    await write({ json: JSON.stringify(cloud) });
    expect(deliveries).toEqual([{ key: 'secret', type: 'application/cloudevents-batch+json', body: [cloud] }]);
  });

  test('delivers nothing for no events', async () => {
    await write({ json: '[]' });
    expect(deliveries).toEqual([]);
  });

  test('fails when the topic refuses, or the setting of a key is missing', async () => {
    status = 400;
    await expect(write({ json: JSON.stringify(event) })).rejects.toThrow('answered 400: no such event');
    expect(() => write({ json: '[]' }, { TopicUri: 'http://127.0.0.1:1' })).toThrow('"TopicKey", which does not exist');
  });
});
