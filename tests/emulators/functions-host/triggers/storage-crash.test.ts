import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type StorageApp, startStorageApp } from '../storage-app.ts';

let app: StorageApp;

beforeAll(async () => {
  app = await startStorageApp();
});
afterAll(() => app.stop());

describe('a host that is killed in the middle of calls', () => {
  test('makes them again at its next start, and only those', async () => {
    await app.queue('hanging').send(Buffer.from('finished').toString('base64'));
    await app.blobs.write('hanging', 'finished', Buffer.from('finished'), {});
    await app.seen('hangingQueue', 'finished');
    await app.seen('hangingBlob', 'finished');
    await app.host.stop();
    await app.restart({ HANG: 'true' });
    await app.queue('hanging').send(Buffer.from('under way').toString('base64'));
    await app.blobs.write('hanging', 'under way', Buffer.from('under way'), {});
    await app.seen('hangingQueue', 'under way');
    await app.seen('hangingBlob', 'under way');
    await app.host.kill();
    await app.restart();
    const message = await app.seen('hangingQueue', 'under way');
    expect(message.metadata.dequeueCount).toBe(2);
    await app.seen('hangingBlob', 'under way');
    const values = [...(await app.calls('hangingQueue')), ...(await app.calls('hangingBlob'))].map(
      ({ value }) => value,
    );
    expect(values).toEqual(['under way', 'under way']);
  });

  test('gives messages back when it is stopped before their calls end', async () => {
    await app.host.stop();
    await app.restart({ HANG: 'true' });
    await app.queue('hanging').send(Buffer.from('stopped').toString('base64'));
    await app.seen('hangingQueue', 'stopped');
    expect(await app.host.stop()).toBe(0);
    const messages = await app.queue('hanging').receive(2, 30);
    expect(messages.map(({ text }) => Buffer.from(text, 'base64').toString())).toEqual(['stopped']);
    await Promise.all(messages.map((message) => app.queue('hanging').delete(message)));
    await app.restart();
  });
});
