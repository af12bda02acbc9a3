import { createHmac } from 'node:crypto';

/** A storage account and its key. */
export interface StorageAccount {
  readonly name: string;
  readonly key: string;
}

/** Azurite's built-in account; its key is public and the same everywhere. */
export const DEVELOPMENT_ACCOUNT: StorageAccount = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

/**
 * Headers that sign a request to a path-style blob endpoint by Shared Key.
 * Source: "Authorize with Shared Key" (Blob service, version 2015-02-21 and later).
 */
export function signSharedKey(
  account: StorageAccount,
  method: 'HEAD' | 'PUT',
  path: string,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const all: Record<string, string> = {
    ...headers,
    'x-ms-date': new Date().toUTCString(),
    'x-ms-version': '2021-12-02',
  };
  const length = all['content-length'] ?? '';
  const standard = [
    method,
    '', // Content-Encoding
    '', // Content-Language
    length === '0' ? '' : length,
    '', // Content-MD5
    all['content-type'] ?? '',
    '', // Date: x-ms-date stands in
    '', // If-Modified-Since
    all['if-match'] ?? '',
    '', // If-None-Match
    '', // If-Unmodified-Since
    '', // Range
  ];
  const vendor = Object.keys(all)
    .filter((name) => name.startsWith('x-ms-'))
    .sort()
    .map((name) => `${name}:${all[name]}`);
  const text = [...standard, ...vendor, `/${account.name}${path}`].join('\n');
  const signature = createHmac('sha256', Buffer.from(account.key, 'base64')).update(text, 'utf8').digest('base64');
  return { ...all, authorization: `SharedKey ${account.name}:${signature}` };
}
