import { createHmac } from 'node:crypto';
import type { StorageAccount } from './storage-account.ts';

/** A request as it is signed. */
export interface SignableRequest {
  readonly method: string;
  readonly url: URL;
  /** All that are sent, their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentLength: number;
}

/** An account that is opened by its key. */
export type KeyedAccount = StorageAccount & { readonly key: Buffer };

const standardHeaders = ['content-md5', 'content-type', 'date', 'if-modified-since', 'if-match', 'if-none-match'];
const lastHeaders = ['if-unmodified-since', 'range'];

/**
 * The `Authorization` header of a request to Blob or Queue Storage.
 * Source: "Authorize with Shared Key", the scheme of version 2015-02-21 and later.
 */
export function sharedKeyAuthorization(account: KeyedAccount, request: SignableRequest): string {
  const { method, url, headers, contentLength } = request;
  const value = (name: string) => headers[name] ?? '';
  const canonicalHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .sort()
    .map((name) => `${name}:${value(name).trim()}`);
  const query = [...url.searchParams].map(([name, text]) => [name.toLowerCase(), text] as const);
  const canonicalQuery = query.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => `${name}:${text}`);
  return authorization(account, [
    method,
    value('content-encoding'),
    value('content-language'),
    contentLength === 0 ? '' : String(contentLength),
    ...standardHeaders.map(value),
    ...lastHeaders.map(value),
    ...canonicalHeaders,
    [resourceOf(account, url), ...canonicalQuery].join('\n'),
  ]);
}

/** The same for Table Storage, which signs less. */
export function tableAuthorization(account: KeyedAccount, { method, url, headers }: SignableRequest): string {
  const value = (name: string) => headers[name] ?? '';
  return authorization(account, [
    method,
    value('content-md5'),
    value('content-type'),
    value('x-ms-date'),
    resourceOf(account, url),
  ]);
}

function resourceOf({ name }: StorageAccount, url: URL): string {
  return `/${name}${url.pathname}`;
}

function authorization({ name, key }: KeyedAccount, lines: readonly string[]): string {
  return `SharedKey ${name}:${createHmac('sha256', key).update(lines.join('\n')).digest('base64')}`;
}
