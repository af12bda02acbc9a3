import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { sendAllButLast } from '../../../emulators/event-grid/blob/send-all-but-last.ts';
import { createEventGrid } from '../../../emulators/event-grid/index.ts';
import { onlyContainer, onStorage, startSubscriber, subscribe, temporaryFolder, until } from './start-event-grid.ts';

test('sequencers follow the order of commits, even where the first write is answered last', async () => {
  const committed: string[] = [];
  const blobService = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', async () => {
      const eTag = `0x${committed.length + 1}`;
      committed.push(eTag);
      if (committed.length === 1) await sleep(150);
      response.writeHead(201, { etag: `"${eTag}"`, 'content-length': 0 }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(blobService, 'listening');
  const folder = temporaryFolder();
  const subscriber = await startSubscriber();
  const blobEndpoint = `http://127.0.0.1:${(blobService.address() as AddressInfo).port}`;
  const eventGrid = await createEventGrid({ port: 0, dataDirectory: folder.path, blobEndpoint });
  await subscribe(onStorage(eventGrid.url, 'landing'), subscriber.url, onlyContainer('landing'));

  const put = () =>
    fetch(`${eventGrid.url}/devstoreaccount1/landing/same`, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
      body: 'x',
    });
  const first = put();
  await sleep(40);
  await Promise.all([first, put(), put()]);
  await until(() => subscriber.received.length === 3, 'three events');
  const inOrder = subscriber.received.toSorted((left, right) =>
    String(left.data.sequencer) < String(right.data.sequencer) ? -1 : 1,
  );
  expect(inOrder.map(({ data }) => data.eTag)).toEqual(committed);

  await eventGrid.close();
  await subscriber.close();
  blobService.closeAllConnections();
  blobService.close();
  folder.remove();
});

test('all but the last piece of a body is sent, at the pace of the receiver, with one listener at a time', async () => {
  const written: number[] = [];
  let most = 0;
  const slow = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      most = Math.max(most, slow.listenerCount('close'));
      written.push(chunk.length);
      setImmediate(done);
    },
  });
  const before = slow.listenerCount('close');
  async function* body(): AsyncGenerator<Buffer> {
    for (let size = 1; size <= 40; size++) yield Buffer.alloc(size);
  }
  const { last, contentLength } = await sendAllButLast(body(), slow);
  expect(written).toHaveLength(39);
  expect(last).toHaveLength(40);
  expect(contentLength).toBe(820);
  expect(most).toBeLessThanOrEqual(before + 1);
});

test('sending rejects, and does not hang, once the receiver is gone', async () => {
  const gone = new Writable({ highWaterMark: 1, write: () => {} });
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from('first');
    yield Buffer.from('second');
    gone.destroy();
    yield Buffer.from('third');
    yield Buffer.from('fourth');
  }
  setTimeout(() => gone.destroy(), 20);
  await expect(sendAllButLast(body(), gone)).rejects.toThrow('connection to the blob service was lost');
});
