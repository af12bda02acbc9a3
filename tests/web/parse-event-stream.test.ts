import { describe, expect, test } from '@jest/globals';
import { parseEventStream, type ServerEvent } from '../../web/src/api/parse-event-stream.ts';

const TEXT =
  'retry: 1000\nid: 7\nevent: file\ndata: {"a":1}\n\n: alive\n\r\ndata: one\r\ndata: two\r\n\r\nevent: lost\ndata: half';

async function parse(chunks: readonly Uint8Array[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  for await (const event of parseEventStream(body)) events.push(event);
  return events;
}

describe('a stream of server-sent events', () => {
  const bytes = new TextEncoder().encode(TEXT);
  test.each([1, 2, 3, 5, 1000])('is the same however it is cut: in pieces of %d bytes', async (size) => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.slice(index * size, (index + 1) * size),
    );
    expect(await parse(chunks)).toEqual([
      { event: 'file', data: '{"a":1}', id: '7' },
      { event: 'message', data: 'one\ntwo', id: '7' },
    ]);
  });
});
