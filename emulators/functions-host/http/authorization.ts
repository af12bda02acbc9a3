import type { IncomingMessage } from 'node:http';
import { type HostKeys, matchesKey } from '../core/keys.ts';
import type { RequestUrl } from './request-url.ts';

export type AuthLevel = 'anonymous' | 'function' | 'admin';

/** Which key opens what. Source: Azure/azure-functions-host, `Security/Authentication/Keys`. */
export class Authorization {
  readonly #keys: HostKeys;
  readonly #enforced: boolean;

  /** Core Tools asks for no keys at all; `enforced: false` does the same. */
  constructor(keys: HostKeys, enforced: boolean) {
    this.#keys = keys;
    this.#enforced = enforced;
  }

  /** Whether the request may call an HTTP function of that level. */
  mayCall(request: IncomingMessage, url: RequestUrl, level: AuthLevel, functionName: string): boolean {
    const { master, hostDefault, functionKeys } = this.#keys;
    switch (level) {
      case 'anonymous':
        return true;
      case 'function': {
        const name = functionName.toLowerCase();
        const own = Object.entries(functionKeys ?? {}).find(([other]) => other.toLowerCase() === name);
        return this.#has(request, url, [master, hostDefault, ...Object.values(own?.[1] ?? {})]);
      }
      case 'admin':
        return this.#has(request, url, [master]);
    }
  }

  /** Whether the request may use the admin API. */
  isAdmin(request: IncomingMessage, url: RequestUrl): boolean {
    return this.#mayManage(request, url, [this.#keys.master]);
  }

  /** Whether the request may call the webhooks of an extension. */
  mayUseExtension(
    request: IncomingMessage,
    url: RequestUrl,
    extension: 'eventgrid' | 'durabletask' | 'blobs',
  ): boolean {
    const keys = [this.#keys.master, this.#keys.systemKeys[`${extension}_extension`]];
    return extension === 'durabletask' ? this.#mayManage(request, url, keys) : this.#has(request, url, keys);
  }

  #has(request: IncomingMessage, url: RequestUrl, keys: readonly string[]): boolean {
    return !this.#enforced || matchesKey(keyOf(request, url), keys);
  }

  /** Without keys, whatever site somebody visits could manage the host through his browser. */
  #mayManage(request: IncomingMessage, url: RequestUrl, keys: readonly string[]): boolean {
    return (!this.#enforced && isFromHere(request)) || matchesKey(keyOf(request, url), keys);
  }
}

function keyOf({ headers }: IncomingMessage, url: RequestUrl): string | undefined {
  const header = headers['x-functions-key'];
  return typeof header === 'string' ? header : (url.searchParams.get('code') ?? undefined);
}

const localName = /^(localhost|([\w-]+\.)+localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Whether no web page of elsewhere has sent it: neither across sites, nor by a name that was bent to this machine. */
function isFromHere({ headers }: IncomingMessage): boolean {
  const { host = 'localhost', origin } = headers;
  return (
    localName.test(host) &&
    (origin === undefined || localName.test(origin.replace(/^https?:\/\//, ''))) &&
    headers['sec-fetch-site'] !== 'cross-site'
  );
}
