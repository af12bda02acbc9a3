import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlobServiceClient } from '@azure/storage-blob';
import { LandfallError, statusOf } from '../errors.ts';
import { normaliseEtag } from '../events/blob-event.ts';

/** What storage knows of a blob. */
export interface BlobFacts {
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  readonly lastModified: string;
  /** Content-MD5 in base64, where storage has one. */
  readonly md5?: string;
}

/** The first bytes of a blob: all of them if it is short. */
export interface BlobHead extends Pick<BlobFacts, 'size' | 'md5'> {
  readonly bytes: Buffer;
}

/** Blobs of one storage account, by container and path. */
export interface Lake {
  /** A blob's facts; undefined when there is none. */
  facts(container: string, path: string): Promise<BlobFacts | undefined>;
  /** The beginning of one version of a blob, and what storage knows of it; undefined when that version is gone. */
  head(container: string, path: string, etag: string, bytes: number): Promise<BlobHead | undefined>;
  /** Bytes of a blob from an offset on, fewer where it ends; none behind its end; undefined when there is no blob. */
  range(container: string, path: string, offset: number, bytes: number): Promise<Buffer | undefined>;
  /** A blob's content as a stream; undefined when there is none. */
  open(container: string, path: string): Promise<ReadableStream<Uint8Array> | undefined>;
  /** MD5 in base64 of one version's content, read as a stream; undefined when that version is gone. */
  md5(container: string, path: string, etag: string): Promise<string | undefined>;
  /** All blobs, or those whose paths begin so. */
  list(container: string, prefix?: string): AsyncIterable<BlobFacts>;
  readText(container: string, path: string): Promise<string>;
  readJson(container: string, path: string): Promise<unknown>;
  /** A JSON document; undefined when there is none. */
  findJson(container: string, path: string): Promise<unknown>;
  writeJson(container: string, path: string, value: unknown): Promise<void>;
  /** Writes a JSON document unless there is one already; tells whether it did. */
  createJson(container: string, path: string, value: unknown): Promise<boolean>;
  /** The URI by which Spark reaches a path. */
  uri(container: string, path?: string): string;
  /** The https URL by which Synapse's COPY INTO reaches a path. */
  copyUrl(container: string, path: string): string;
}

/** A lake over Blob Storage; `accountName` names it to Spark and Synapse. */
export function createLake(client: BlobServiceClient, accountName: string): Lake {
  const blob = (container: string, path: string) => client.getContainerClient(container).getBlobClient(path);
  const readText = async (container: string, path: string): Promise<string> => {
    try {
      return (await blob(container, path).downloadToBuffer()).toString('utf8');
    } catch (cause) {
      throw new LandfallError('LakeReadFailed', `${container}/${path} could not be read from the lake`, { cause });
    }
  };
  const writeJson = async (container: string, path: string, value: unknown, conditions = {}): Promise<void> => {
    const body = JSON.stringify(value);
    await client
      .getContainerClient(container)
      .getBlockBlobClient(path)
      .upload(body, Buffer.byteLength(body), {
        blobHTTPHeaders: { blobContentType: 'application/json' },
        conditions,
      });
  };
  return {
    async facts(container, path) {
      const properties = await unlessGone(blob(container, path).getProperties());
      return (
        properties && {
          path,
          etag: normaliseEtag(properties.etag ?? ''),
          size: properties.contentLength ?? 0,
          lastModified: (properties.lastModified ?? new Date(0)).toISOString(),
          ...(properties.contentMD5 ? { md5: Buffer.from(properties.contentMD5).toString('base64') } : {}),
        }
      );
    },
    async head(container, path, etag, bytes) {
      const conditions = { ifMatch: `"${etag}"` };
      try {
        const response = await blob(container, path).download(0, bytes, { conditions });
        if (response.readableStreamBody === undefined) return undefined;
        // Of a part of a blob Content-MD5 is that of the part.
        const md5 = response.blobContentMD5 ?? (response.contentRange === undefined ? response.contentMD5 : undefined);
        return {
          bytes: await gather(response.readableStreamBody),
          size: sizeOf(response.contentRange) ?? response.contentLength ?? 0,
          ...(md5 === undefined ? {} : { md5: Buffer.from(md5).toString('base64') }),
        };
      } catch (error) {
        if (statusOf(error) === 416) return { bytes: Buffer.alloc(0), size: 0 }; // an empty blob has no first byte
        return unlessGone(Promise.reject(error));
      }
    },
    async range(container, path, offset, bytes) {
      const response = await unlessGone(blob(container, path).download(offset, bytes));
      return response?.readableStreamBody === undefined ? undefined : gather(response.readableStreamBody);
    },
    async open(container, path) {
      const response = await unlessGone(blob(container, path).download());
      if (response?.readableStreamBody === undefined) return undefined;
      return Readable.toWeb(Readable.from(response.readableStreamBody)) as ReadableStream<Uint8Array>;
    },
    async md5(container, path, etag) {
      const response = await unlessGone(
        blob(container, path).download(0, undefined, { conditions: { ifMatch: `"${etag}"` } }),
      );
      if (response?.readableStreamBody === undefined) return undefined;
      const hash = createHash('md5');
      for await (const chunk of response.readableStreamBody) hash.update(chunk);
      return hash.digest('base64');
    },
    async *list(container, prefix) {
      const options = prefix === undefined || prefix === '' ? {} : { prefix };
      for await (const item of client.getContainerClient(container).listBlobsFlat(options)) {
        const { etag, contentLength, lastModified } = item.properties;
        yield {
          path: item.name,
          etag: normaliseEtag(etag),
          size: contentLength ?? 0,
          lastModified: lastModified.toISOString(),
        };
      }
    },
    readText,
    readJson: async (container, path) => JSON.parse(await readText(container, path)) as unknown,
    async findJson(container, path) {
      const found = await unlessGone(blob(container, path).downloadToBuffer());
      return found === undefined ? undefined : (JSON.parse(found.toString('utf8')) as unknown);
    },
    writeJson: (container, path, value) => writeJson(container, path, value),
    async createJson(container, path, value) {
      try {
        await writeJson(container, path, value, { ifNoneMatch: '*' });
        return true;
      } catch (error) {
        if (statusOf(error) === 409) return false; // BlobAlreadyExists
        throw error;
      }
    },
    uri: (container, path) =>
      `abfss://${container}@${accountName}.dfs.core.windows.net${path === undefined ? '' : `/${path}`}`,
    copyUrl: (container, path) => `https://${accountName}.dfs.core.windows.net/${container}/${path}`,
  };
}

/** `bytes 0-99/1234` → 1234 */
function sizeOf(contentRange: string | undefined): number | undefined {
  const size = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
  return size === undefined ? undefined : Number(size);
}

async function gather(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** 404 (no such blob), 412 (another version by now) and 416 (an empty one) are answers; all else is an error. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ([404, 412, 416].includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}
