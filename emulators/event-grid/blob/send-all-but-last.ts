import type { Writable } from 'node:stream';

/** Streams a body on, keeping back its last piece; counts all of it. Rejects if either side is lost. */
export async function sendAllButLast(
  incoming: AsyncIterable<Buffer>,
  outgoing: Writable,
): Promise<{ last: Buffer | undefined; contentLength: number }> {
  let held: Buffer | undefined;
  let contentLength = 0;
  for await (const chunk of incoming) {
    contentLength += chunk.length;
    if (outgoing.destroyed) throw new Error('the connection to the blob service was lost');
    if (held !== undefined && !outgoing.write(held)) await drained(outgoing);
    held = chunk;
  }
  return { last: held, contentLength };
}

/** Resolves when more may be written, or when nothing ever will be. */
function drained(outgoing: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
  });
}
