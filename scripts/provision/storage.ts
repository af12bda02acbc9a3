import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { CONTAINERS } from '../../src/shared/names.ts';
import type { Settings } from '../stack/endpoints.ts';

/** A blob client for a stack's storage. */
export function blobService(settings: Settings): BlobServiceClient {
  const credential = new StorageSharedKeyCredential(
    settings.STORAGE_ACCOUNT_NAME ?? '',
    settings.STORAGE_ACCOUNT_KEY ?? '',
  );
  return new BlobServiceClient(settings.STORAGE_BLOB_ENDPOINT ?? '', credential);
}

/**
 * Makes the containers of the storage account, each unless it exists, and lets pages of the web app send files there with a
 * signed URL.
 */
export async function provisionStorage(settings: Settings, webOrigins: readonly string[]): Promise<void> {
  const service = blobService(settings);
  await service.setProperties({
    cors: [
      {
        allowedOrigins: webOrigins.join(),
        allowedMethods: 'PUT',
        allowedHeaders: 'content-type,x-ms-blob-type',
        exposedHeaders: 'ETag',
        maxAgeInSeconds: 3600,
      },
    ],
  });
  await Promise.all(Object.values(CONTAINERS).map((name) => service.getContainerClient(name).createIfNotExists()));
}
