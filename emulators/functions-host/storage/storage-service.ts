import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../core/logger.ts';
import { sharedKeyAuthorization } from './shared-key.ts';
import type { StorageAccount } from './storage-account.ts';

export interface StorageRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Below the endpoint, each segment encoded, without the leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** The service refused a request, or (with status 0) could not be reached. */
export class StorageError extends Error {
  readonly status: number;
  /** Such as `QueueNotFound`; empty when the service gave none. */
  readonly code: string;

  constructor(message: string, status: number, code: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StorageError';
    this.status = status;
    this.code = code;
  }
}

type Authorize = typeof sharedKeyAuthorization;

const apiVersion = '2021-12-02';
const tries = 4;
const firstWaitMs = 200;

/** Sends requests to a service of Azure Storage, signs them, and tries again what may pass. */
export class StorageService {
  readonly #account: StorageAccount;
  readonly #endpoint: string;
  readonly #authorize: Authorize;

  /** @param authorize signs a request; Table Storage has a way of its own. */
  constructor(account: StorageAccount, endpoint: string, authorize: Authorize = sharedKeyAuthorization) {
    this.#account = account;
    this.#endpoint = endpoint;
    this.#authorize = authorize;
  }

  /** Where a path is, without anything that opens it. */
  urlOf(path: string): string {
    return `${this.#endpoint}/${path}`;
  }

  /** @throws StorageError unless the service answers with success. */
  async send(request: StorageRequest): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sendOnce(request);
      } catch (error) {
        const status = error instanceof StorageError ? error.status : 400;
        if (attempt === tries || (status !== 0 && status < 500)) {
          throw error;
        }
        await sleep(firstWaitMs * 2 ** (attempt - 1));
      }
    }
  }

  async #sendOnce({ method, path, query = {}, headers = {}, body = '' }: StorageRequest): Promise<Response> {
    const url = new URL(this.urlOf(path));
    for (const [name, value] of Object.entries(query)) {
      url.searchParams.set(name, value);
    }
    const bytes = typeof body === 'string' ? Buffer.from(body) : body; // for a string, fetch adds a header that is not signed
    const all: Record<string, string> = {
      ...headers,
      'x-ms-version': apiVersion,
      'x-ms-date': new Date().toUTCString(),
    };
    if (this.#account.key !== undefined) {
      const contentLength = bytes.byteLength;
      const account = { ...this.#account, key: this.#account.key };
      all.authorization = this.#authorize(account, { method, url, headers: all, contentLength });
    }
    const address =
      this.#account.sas === undefined ? url.href : `${url.href}${url.search ? '&' : '?'}${this.#account.sas}`;
    const takesBody = method === 'PUT' || method === 'POST';
    let response: Response;
    try {
      response = await fetch(address, {
        method,
        headers: all,
        ...(takesBody ? { body: bytes as Uint8Array<ArrayBuffer> } : {}),
      });
    } catch (error) {
      const reason = messageOf((error as Error).cause ?? error);
      throw new StorageError(
        `the storage account ${this.#account.name} cannot be reached at ${url.origin}: ${reason}`,
        0,
        '',
        error,
      );
    }
    if (response.ok) {
      return response;
    }
    const text = await response.text();
    const find = (xml: RegExp, json: RegExp) => xml.exec(text)?.[1] ?? json.exec(text)?.[1] ?? '';
    const code = response.headers.get('x-ms-error-code') ?? find(/<Code>([^<]*)/, /"code":\s*"([^"]*)/);
    const detail = find(/<Message>([^<\n]*)/, /"value":\s*"([^"\\]*)/);
    const what = [code, detail].filter((part) => part !== '').join(': ') || response.statusText;
    throw new StorageError(
      `${method} ${url.origin}${url.pathname} answered ${response.status} ${what}`,
      response.status,
      code,
    );
  }
}

/** Whether an error says that the resource is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof StorageError && error.status === 404;
}
