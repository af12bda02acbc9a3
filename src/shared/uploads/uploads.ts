import {
  BlobSASPermissions,
  type BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  type StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import { CONTAINERS } from '../names.ts';

/** The right to write one blob for some minutes, and how. */
export interface UploadGrant {
  readonly url: string;
  readonly method: 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** Lets callers write to the landing container, each one blob. */
export interface Uploads {
  grant(path: string): Promise<UploadGrant>;
}

/** Long enough for a large file over a slow line: what has begun before may end after. */
const LASTS_MINUTES = 10;
const KEY_LASTS_MINUTES = 60;
/** Clocks differ: a grant holds from a little before now on. */
const SKEW_MINUTES = 5;

type Delegating = Pick<BlobServiceClient, 'url' | 'accountName' | 'getContainerClient' | 'getUserDelegationKey'>;

/**
 * Grants by shared access signatures: signed with the account's key where there is one, else with a user delegation key,
 * which the app's identity asks for and which can do no more than that identity.
 * Source: learn.microsoft.com/azure/storage/common/storage-sas-overview.
 */
export function createUploads(blobs: Delegating, accountKey: StorageSharedKeyCredential | undefined): Uploads {
  let known: { readonly key: Promise<UserDelegationKey>; readonly until: number } | undefined;
  const delegationKey = (now: number): Promise<UserDelegationKey> => {
    if (known === undefined || known.until < now + minutes(LASTS_MINUTES)) {
      const until = now + minutes(KEY_LASTS_MINUTES);
      const key = blobs.getUserDelegationKey(new Date(now - minutes(SKEW_MINUTES)), new Date(until));
      known = { key, until };
      key.catch(() => {
        known = undefined;
      });
    }
    return known.key;
  };
  return {
    async grant(path) {
      const now = Date.now();
      const expiresOn = new Date(now + minutes(LASTS_MINUTES));
      const blob = blobs.getContainerClient(CONTAINERS.landing).getBlockBlobClient(path);
      const values = {
        containerName: CONTAINERS.landing,
        blobName: path,
        permissions: BlobSASPermissions.from({ create: true, write: true }),
        startsOn: new Date(now - minutes(SKEW_MINUTES)),
        expiresOn,
        protocol: blobs.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      };
      const signature =
        accountKey === undefined
          ? generateBlobSASQueryParameters(values, await delegationKey(now), blobs.accountName)
          : generateBlobSASQueryParameters(values, accountKey);
      return {
        url: `${blob.url}?${signature}`,
        method: 'PUT',
        headers: { 'x-ms-blob-type': 'BlockBlob' },
        expiresAt: expiresOn.toISOString(),
      };
    },
  };
}

function minutes(count: number): number {
  return count * 60_000;
}
