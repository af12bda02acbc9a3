import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { optionalString } from '../definitions/json.ts';
import { ActivityError } from '../engine/activity-error.ts';
import type { Credentials, LinkedService } from './connections.ts';

const BLOB_SERVICES: readonly string[] = ['AzureBlobStorage', 'AzureBlobFS'];

export function isBlobService({ type }: LinkedService): boolean {
  return BLOB_SERVICES.includes(type);
}

/**
 * A container of a storage account. Without a key or a signature of its own, a linked service means the factory's
 * managed identity, which may use the accounts whose keys were given at start.
 */
export function openContainer(service: LinkedService, container: string, credentials: Credentials): ContainerClient {
  return openAccount(service, credentials).getContainerClient(container);
}

function openAccount({ name, type, properties }: LinkedService, credentials: Credentials): BlobServiceClient {
  const connectionString = optionalString(properties, 'connectionString');
  const accountKey = optionalString(properties, 'accountKey');
  if (
    connectionString !== undefined &&
    /AccountKey=|SharedAccessSignature=|UseDevelopmentStorage=/i.test(connectionString)
  ) {
    return BlobServiceClient.fromConnectionString(connectionString);
  }
  const signed = optionalString(properties, 'sasUri');
  if (signed !== undefined) return new BlobServiceClient(signed);
  const url =
    optionalString(properties, type === 'AzureBlobFS' ? 'url' : 'serviceEndpoint') ?? endpointOf(connectionString);
  if (url === undefined || !URL.canParse(url)) {
    throw new ActivityError('InvalidLinkedService', `The linked service '${name}' names no storage account.`);
  }
  const { account, endpoint } = readEndpoint(url);
  const key = accountKey ?? credentials.accountKeys.get(account);
  if (key !== undefined) return new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, key));
  throw new ActivityError(
    'AuthorizationPermissionMismatch',
    `The factory's managed identity has no access to the storage account '${account}'. Start the emulator with --account-key ${account}=VARIABLE.`,
  );
}

/** The account's name is the host's first label, or the first part of the path where the host is an address. */
function readEndpoint(url: string): { readonly account: string; readonly endpoint: string } {
  const { hostname, pathname } = new URL(url);
  const [first = ''] = pathname.split('/').filter((part) => part !== '');
  const inPath = hostname === 'localhost' || /^[\d.]+$/.test(hostname);
  // The Data Lake endpoint serves another API; the same blobs are behind the blob endpoint.
  const endpoint = url.replace(/\/+$/, '').replace(/\.dfs\./, '.blob.');
  return { account: inPath ? first : (hostname.split('.')[0] ?? ''), endpoint };
}

function endpointOf(connectionString: string | undefined): string | undefined {
  return connectionString === undefined ? undefined : /BlobEndpoint=([^;]+)/i.exec(connectionString)?.[1];
}
