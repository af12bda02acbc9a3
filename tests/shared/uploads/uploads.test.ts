import { BlobServiceClient, StorageSharedKeyCredential, type UserDelegationKey } from '@azure/storage-blob';
import { describe, expect, test } from '@jest/globals';
import { createUploads } from '../../../src/shared/uploads/uploads.ts';

const ENDPOINT = 'https://landfall.blob.core.windows.net';
const KEY = Buffer.from('0123456789abcdef').toString('base64');

/** A service that hands out delegation keys, as Blob Storage does to whoever has the role of a delegator. */
function delegating(asked: [Date, Date][]): BlobServiceClient {
  const client = new BlobServiceClient(ENDPOINT);
  client.getUserDelegationKey = (async (startsOn: Date, expiresOn: Date) => {
    asked.push([startsOn, expiresOn]);
    return {
      signedObjectId: 'object',
      signedTenantId: 'tenant',
      signedStartsOn: startsOn,
      signedExpiresOn: expiresOn,
      signedService: 'b',
      signedVersion: '2025-01-05',
      value: KEY,
    } satisfies UserDelegationKey;
  }) as unknown as BlobServiceClient['getUserDelegationKey'];
  return client;
}

describe('a grant to upload', () => {
  test('without an account key is signed by the identity, whose key serves for many', async () => {
    const asked: [Date, Date][] = [];
    const uploads = createUploads(delegating(asked), undefined);
    const [first, second] = [await uploads.grant('flights/a.csv'), await uploads.grant('flights/b.csv')];
    const url = new URL(first.url);
    expect(url.origin + url.pathname).toBe(`${ENDPOINT}/landing/flights/a.csv`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      skoid: 'object',
      sktid: 'tenant',
      sr: 'b',
      sp: 'cw',
      spr: 'https',
      sig: expect.any(String),
    });
    expect(second.url).toContain('/landing/flights/b.csv');
    expect(asked).toHaveLength(1);
    const [[startsOn, expiresOn]] = asked as [[Date, Date]];
    expect(startsOn.getTime()).toBeLessThan(Date.now());
    expect(expiresOn.getTime()).toBeGreaterThan(Date.parse(first.expiresAt));
  });

  test('with an account key is signed with that, for a few minutes', async () => {
    const uploads = createUploads(new BlobServiceClient(ENDPOINT), new StorageSharedKeyCredential('landfall', KEY));
    const { url, expiresAt, headers } = await uploads.grant('flights/a.csv');
    expect(new URL(url).searchParams.get('sp')).toBe('cw');
    expect(new URL(url).searchParams.has('skoid')).toBe(false);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(10 * 60_000);
    expect(headers).toEqual({ 'x-ms-blob-type': 'BlockBlob' });
  });
});
