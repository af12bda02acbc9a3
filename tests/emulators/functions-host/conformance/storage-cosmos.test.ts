import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { QueueClient } from '../../../../emulators/functions-host/storage/queue-client.ts';
import { storageAccount } from '../../../../emulators/functions-host/storage/storage-account.ts';
import { type ServedConformanceApp, startServedConformanceApp } from './start-conformance-app.ts';

// What Azure/azure-functions-nodejs-e2e-tests asks of model 4, written anew: Storage and Cosmos DB.
let app: ServedConformanceApp;

beforeAll(async () => {
  app = await startServedConformanceApp();
});
afterAll(() => app.stop());

const post = (path: string, body: unknown) => app.call(path, { method: 'POST', body: JSON.stringify(body) });
const upload = async (name: string, text: string) => {
  const container = BlobServiceClient.fromConnectionString(app.storage).getContainerClient('blobs');
  await container.createIfNotExists();
  await container.getBlockBlobClient(name).upload(text, text.length);
};

describe('queues', () => {
  test('trigger functions, whose return values go to another', async () => {
    const queue = new QueueClient(storageAccount('', { AzureWebJobsStorage: app.storage }), 'first');
    await queue.send(Buffer.from('a message').toString('base64'));
    await app.logged('the first queue got "a message"');
    await app.logged('the last queue got "a message"');
  });

  test('get one message or several as an extra output', async () => {
    expect((await post('toQueue', { output: 'alone' })).status).toBe(200);
    await app.logged('the last queue got "alone"');
    await post('toQueue', { output: ['1st', '2nd', '3rd', '4th', '5th'] });
    for (const message of ['1st', '2nd', '3rd', '4th', '5th']) {
      await app.logged(`the last queue got "${message}"`);
    }
  });

  test('get nothing when the function sets nothing', async () => {
    expect((await post('toQueue', {})).status).toBe(400);
  });
});

describe('blobs', () => {
  test('trigger functions, whose return values are blobs', async () => {
    await upload('first', 'some content');
    await app.logged('the first blob is blobs/first with "some content"');
    await app.logged('the second blob is blobs/second with "some content"');
  });

  test('trigger functions that share an output', async () => {
    await upload('shared', 'twice');
    await app.logged('the last queue got "twice returned"');
    await app.logged('the last queue got "twice set"');
  });
});

describe('tables', () => {
  test('take entities, and give those of a key or a filter', async () => {
    const entity = { PartitionKey: 'part', RowKey: "it's", Name: 'Ada', Age: 36, Tall: true, Height: 1.6 };
    expect((await post('toTable', [entity, { ...entity, RowKey: 'other' }])).status).toBe(201);
    expect(await (await app.call(`fromTable/${encodeURIComponent("it's")}`)).json()).toEqual({
      entities: [entity],
      one: entity,
    });
    expect((await app.call('fromTable/missing')).status).toBe(404);
  });

  test('refuse an entity without keys, or that is there', async () => {
    expect((await post('toTable', [{ PartitionKey: 'part' }])).status).toBe(500);
    await app.logged('an entity needs a PartitionKey and a RowKey');
    const entity = { PartitionKey: 'part', RowKey: 'once' };
    expect((await post('toTable', entity)).status).toBe(201);
    expect((await post('toTable', entity)).status).toBe(500);
    await app.logged('EntityAlreadyExists');
  });
});

describe('Cosmos DB', () => {
  test('triggers functions, whose return values trigger others, and is read by id', async () => {
    await app.cosmos.container.items.create({ id: 'doc', pk: 'part', text: 'in it' });
    await app.logged('the first container has changed: doc');
    await app.logged('the second container has changed: doc');
    const answer = await app.call('fromCosmos?id=doc');
    expect([answer.status, await answer.text()]).toEqual([200, 'in it']);
  });

  test('gets one document or several as an extra output', async () => {
    await post('toCosmos', { id: 'x1', pk: 'x' });
    await app.logged('the second container has changed: x1');
    const documents = ['y1', 'y2', 'y3', 'y4', 'y5'].map((id) => ({ id, pk: 'y' }));
    await post('toCosmos', documents);
    await app.logged('y5');
  });

  test('gives nothing for an id that is not there', async () => {
    expect((await app.call('fromCosmos?id=missing')).status).toBe(404);
  });
});
