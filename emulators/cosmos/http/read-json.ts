import type { IncomingMessage } from 'node:http';

/** A body that cannot be read as JSON. */
export class MalformedBodyError extends Error {
  override readonly name = 'MalformedBodyError';
}

// The service takes requests of 2 MB (bulk and batch included); a little more leaves room for encoding.
const MAX_BYTES = 4 * 1024 * 1024;

/** Reads a JSON body. */
export async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new MalformedBodyError(`The request is larger than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new MalformedBodyError('The request payload is not JSON.');
  }
}
