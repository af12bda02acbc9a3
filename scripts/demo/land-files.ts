import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BlobServiceClient } from '@azure/storage-blob';
import { CONTAINERS } from '../../src/shared/names.ts';

/** Uploads a local file to a path of the landing container. Gives the eTag of the new version, as events spell it. */
export async function landFile(service: BlobServiceClient, localFile: string, path: string): Promise<string> {
  const blob = service.getContainerClient(CONTAINERS.landing).getBlockBlobClient(path);
  const { etag } = await blob.uploadFile(localFile, { blobHTTPHeaders: { blobContentType: 'text/csv' } });
  return (etag ?? '').replaceAll('"', '');
}

/** Uploads every CSV file of a local folder, all at once. Gives the eTags by path. */
export async function landFolder(
  service: BlobServiceClient,
  localFolder: string,
  prefix: string,
): Promise<ReadonlyMap<string, string>> {
  const names = readdirSync(localFolder)
    .filter((name) => name.endsWith('.csv'))
    .sort();
  const landed = await Promise.all(
    names.map(async (name) => {
      const path = `${prefix}/${basename(name)}`;
      return [path, await landFile(service, join(localFolder, name), path)] as const;
    }),
  );
  return new Map(landed);
}
