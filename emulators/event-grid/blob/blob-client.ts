import { Agent, request } from 'node:http';
import { type StorageAccount, signSharedKey } from './shared-key.ts';

/** What a HEAD tells about a blob. */
export interface BlobProperties {
  readonly eTag: string;
  readonly contentType: string;
  readonly contentLength: number;
  readonly blobType: string;
}

/** The emulator's own, signed requests to the blob service. */
export interface BlobClient {
  /** Properties of a blob, or undefined if there is none. */
  head(rawPath: string): Promise<BlobProperties | undefined>;
  /** Writes a block blob; fails with the service's answer in the message. */
  put(rawPath: string, body: string, contentType: string): Promise<void>;
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly header: (name: string) => string;
  readonly text: string;
}

/** A client for one account behind a path-style endpoint such as `http://127.0.0.1:10010`. */
export function createBlobClient(endpoint: string, account: StorageAccount): BlobClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });

  const send = (method: 'HEAD' | 'PUT', path: string, headers: Record<string, string>, body?: string) =>
    new Promise<Answer>((resolve, reject) => {
      const signed = signSharedKey(account, method, path, headers);
      const outgoing = request(new URL(path, endpoint), { method, agent, headers: signed }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            header: (name) => String(response.headers[name] ?? ''),
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  return {
    head: async (rawPath) => {
      const answer = await send('HEAD', rawPath, {});
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) {
        throw new Error(`HEAD ${rawPath} answered ${answer.status}: check the storage account's key`);
      }
      return {
        eTag: unquote(answer.header('etag')),
        contentType: answer.header('content-type'),
        contentLength: Number(answer.header('content-length')),
        blobType: answer.header('x-ms-blob-type'),
      };
    },
    put: async (rawPath, body, contentType) => {
      const headers = {
        'content-length': String(Buffer.byteLength(body)),
        'content-type': contentType,
        'x-ms-blob-type': 'BlockBlob',
      };
      const answer = await send('PUT', rawPath, headers, body);
      if (answer.status !== 201) throw new Error(`PUT ${rawPath} answered ${answer.status}: ${answer.text}`);
    },
    close: () => agent.destroy(),
  };
}

/** The service's events carry an ETag without its quotes. */
export function unquote(eTag: string): string {
  return eTag.replace(/^"|"$/g, '');
}
