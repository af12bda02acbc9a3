import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { QueueClient } from '../../../../emulators/functions-host/storage/queue-client.ts';
import { eventually } from '../start-host.ts';
import { type StorageApp, startStorageApp } from '../storage-app.ts';

let app: StorageApp;

beforeAll(async () => {
  app = await startStorageApp();
});
afterAll(() => app.stop());

const base64 = (text: string) => Buffer.from(text).toString('base64');
const send = (queue: string, message: unknown) =>
  app.queue(queue).send(base64(typeof message === 'string' ? message : JSON.stringify(message)));
const isEmpty = (queue: QueueClient) =>
  eventually(async () => ((await queue.receive(1, 1)).length === 0 ? true : undefined), `an empty queue ${queue.name}`);
const post = (output: unknown) =>
  fetch(`${app.host.url}/api/send`, { method: 'POST', body: JSON.stringify({ output }) });

describe('a queue trigger', () => {
  test('gets each message, tells about it, and takes it off the queue', async () => {
    await send('first', 'hello');
    const { metadata } = await app.seen('first', 'hello');
    expect(metadata).toMatchObject({
      queueTrigger: 'hello',
      dequeueCount: 1,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      popReceipt: expect.any(String),
      insertionTime: expect.stringMatching(/^20/),
      expirationTime: expect.any(String),
      nextVisibleTime: expect.any(String),
      sys: { methodName: 'first', utcNow: expect.any(String), randGuid: expect.any(String) },
    });
    await isEmpty(app.queue('first'));
  });

  test('hands its return value to the next queue', async () => {
    await send('first', 'passed on');
    await app.seen('copies', 'copy of passed on');
  });

  test('parses a message that is JSON', async () => {
    await send('first', { order: 7, lines: [1, 2] });
    await app.seen('copies', { order: 7, lines: [1, 2] });
  });

  test('tries a failing message again, then moves it to the poison queue', async () => {
    await send('failing', 'bad luck');
    await app.seen('poisoned', 'bad luck');
    const counts = (await app.calls('failing')).map(({ metadata }) => metadata.dequeueCount);
    expect(counts).toEqual([1, 2, 3]);
    await isEmpty(app.queue('failing'));
  });

  test('moves a message that is not Base64 to the poison queue as it is', async () => {
    await app.queue('first').send('not base64!');
    const [message] = await eventually(async () => {
      const messages = await app
        .queue('first-poison')
        .receive(1, 1)
        .catch(() => []);
      return messages.length > 0 ? messages : undefined;
    }, 'the poison message');
    expect(message?.text).toBe('not base64!');
  });

  test('works through many messages', async () => {
    await Promise.all(Array.from({ length: 25 }, (_, index) => send('first', `many ${index}`)));
    await eventually(async () => {
      const many = (await app.calls('copies')).filter(({ value }) => String(value).startsWith('copy of many'));
      return many.length === 25 ? true : undefined;
    }, '25 copies');
  });

  test('runs by hand with the input that the admin API is given', async () => {
    await fetch(`${app.host.url}/admin/functions/first`, {
      method: 'POST',
      headers: { 'x-functions-key': app.host.keys.master },
      body: JSON.stringify({ input: 'by hand' }),
    });
    await app.seen('copies', 'copy of by hand');
  });
});

describe('a queue output', () => {
  test('sends one message, or one for each element of an array', async () => {
    expect((await post('single')).status).toBe(200);
    await post(['a', { b: 1 }, 3]);
    for (const value of ['single', 'a', { b: 1 }, 3]) {
      await app.seen('copies', value);
    }
  });
});

describe('binding expressions of a message', () => {
  test('name its properties in the paths of inputs and outputs', async () => {
    await app.blobs.write('notes', 'ada.txt', Buffer.from('about Ada'), {});
    await send('noted', { id: 'x-1', person: { name: 'ada' }, queueTrigger: 'q' });
    await app.seen('noted', 'about Ada');
    await eventually(() => app.blobs.read('answers', 'x-1-q.txt'), 'the answer');
  });

  test('that name nothing fail the call', async () => {
    await send('noted', { id: 'x-2' });
    await eventually(
      async () =>
        app.host.stderr().includes("binding expression {person.name}: 'person' doesn't exist") ? true : undefined,
      'the message',
    );
  });
});

describe('a host that stops', () => {
  test('leaves no message hidden', async () => {
    expect(await app.host.stop()).toBe(0);
    await send('first', 'while it was down');
    await app.restart();
    await app.seen('first', 'while it was down');
  });
});
