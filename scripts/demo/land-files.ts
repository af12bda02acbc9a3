import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { BlobServiceClient, BlockBlobClient } from '@azure/storage-blob';
import { CONTAINERS } from '../../src/shared/names.ts';

/** Uploads a local file to a path of the landing container. Gives the eTag of the new version, as events spell it. */
export async function landFile(service: BlobServiceClient, localFile: string, path: string): Promise<string> {
  const { etag } = await blobAt(service, path).uploadFile(localFile);
  return (etag ?? '').replaceAll('"', '');
}

/** The same with what is in memory. */
export async function landBytes(service: BlobServiceClient, content: Buffer, path: string): Promise<string> {
  const { etag } = await blobAt(service, path).uploadData(content);
  return (etag ?? '').replaceAll('"', '');
}

const blobAt = (service: BlobServiceClient, path: string): BlockBlobClient =>
  service.getContainerClient(CONTAINERS.landing).getBlockBlobClient(path);

/** Uploads every file below a local folder, all at once. Gives the eTags by path. */
export async function landFolder(
  service: BlobServiceClient,
  localFolder: string,
  prefix: string,
): Promise<ReadonlyMap<string, string>> {
  const names = readdirSync(localFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(localFolder, join(entry.parentPath, entry.name)))
    .sort();
  const landed = await Promise.all(
    names.map(async (name) => {
      const path = `${prefix}/${name.replaceAll(sep, '/')}`;
      return [path, await landFile(service, join(localFolder, name), path)] as const;
    }),
  );
  return new Map(landed);
}
