import { type BindingData, type TriggerInfo, triggerInfo } from '../bindings/binding-data.ts';
import type { BlobProperties } from '../storage/blob-client.ts';

/** Which header of the service becomes which of the blob's `Properties`, as the SDK for .NET names them. */
const propertyHeaders: Readonly<Record<string, string>> = {
  LastModified: 'last-modified',
  CreatedOn: 'x-ms-creation-time',
  BlobType: 'x-ms-blob-type',
  LeaseState: 'x-ms-lease-state',
  LeaseStatus: 'x-ms-lease-status',
  ContentType: 'content-type',
  ContentEncoding: 'content-encoding',
  ContentLanguage: 'content-language',
  ContentDisposition: 'content-disposition',
  CacheControl: 'cache-control',
  ContentHash: 'content-md5',
  AccessTier: 'x-ms-access-tier',
  VersionId: 'x-ms-version-id',
};
const times = new Set(['LastModified', 'CreatedOn']);

/**
 * What a blob trigger tells of a call.
 * Source: azure-sdk-for-net, `Microsoft.Azure.WebJobs.Extensions.Storage.Blobs/src/Triggers/BlobTriggerBinding.cs`.
 * @param captured the parts of the name that the path of the trigger names.
 */
export function blobTriggerInfo(
  functionName: string,
  container: string,
  name: string,
  blob: BlobProperties,
  captured: BindingData | undefined,
): TriggerInfo {
  const properties: Record<string, unknown> = {
    ETag: blob.etag,
    ContentLength: blob.contentLength,
    Metadata: blob.metadata,
  };
  for (const [property, header] of Object.entries(propertyHeaders)) {
    const value = blob.headers[header];
    if (value !== undefined) {
      properties[property] = times.has(property) ? new Date(value).toISOString() : value;
    }
  }
  const values = {
    BlobTrigger: `${container}/${name}`,
    Uri: blob.uri,
    Properties: properties,
    Metadata: blob.metadata,
  };
  return triggerInfo(functionName, { ...values, ...captured });
}
