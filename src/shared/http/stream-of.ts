import { ReadableStream } from 'node:stream/web';

/** A body that is at hand: as a stream of one chunk it is sent as it is, where a text or an array would be copied first. */
export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
