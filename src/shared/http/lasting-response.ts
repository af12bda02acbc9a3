import { ReadableStream, type ReadableStreamAsyncIterator } from 'node:stream/web';
import { HttpResponse } from '@azure/functions';

/**
 * An answer that is made once and given as often as it is asked for. What is returned as a plain object becomes a Response with
 * a stream each time, which costs more than all else that a page from memory needs.
 */
export function lastingResponse(headers: Readonly<Record<string, string>>, bytes: Uint8Array): HttpResponse {
  const response = new HttpResponse({ headers: { ...headers, 'content-length': String(bytes.length) } });
  const copy = (): ArrayBuffer => new Uint8Array(bytes).buffer;
  return Object.defineProperties(response, {
    body: { value: new LastingBody(bytes) }, // what the library sends when it streams
    arrayBuffer: { value: async () => copy() }, // and when it does not
  });
}

/** A stream that every reader finds whole. */
class LastingBody extends ReadableStream<Uint8Array> {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super({
      pull(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    this.#bytes = bytes;
  }

  override values(): ReadableStreamAsyncIterator<Uint8Array> {
    return new OneChunk(this.#bytes);
  }

  override [Symbol.asyncIterator](): ReadableStreamAsyncIterator<Uint8Array> {
    return this.values();
  }
}

const END: Promise<IteratorReturnResult<undefined>> = Promise.resolve({ done: true, value: undefined });

class OneChunk implements ReadableStreamAsyncIterator<Uint8Array> {
  #chunk: Uint8Array | undefined;

  constructor(chunk: Uint8Array) {
    this.#chunk = chunk;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#chunk;
    this.#chunk = undefined;
    return value === undefined ? END : Promise.resolve({ done: false, value });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#chunk = undefined;
    return END;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
