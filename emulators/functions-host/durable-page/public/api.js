const storageKey = 'functions-host-key';
const pageApi = '/admin/durable/api';
const managementApi = '/runtime/webhooks/durabletask';

/** The host wants a key, or another one. */
export class KeyNeeded extends Error {
  constructor() {
    super('The host asks for its master key.');
    this.name = 'KeyNeeded';
  }
}

/** The host has said no. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = 'Refused';
    this.status = status;
  }
}

/** The key of this tab, which is gone with it. It travels in a header only. */
export const key = {
  get: () => sessionStorage.getItem(storageKey),
  /** @param {string} value */
  set: (value) => sessionStorage.setItem(storageKey, value),
  forget: () => sessionStorage.removeItem(storageKey),
};

/**
 * @param {string} url
 * @param {RequestInit} [init]
 */
async function request(url, init = {}) {
  const headers = new Headers(init.headers);
  const value = key.get();
  if (value !== null) {
    headers.set('x-functions-key', value);
  }
  const response = await fetch(url, { ...init, headers, cache: 'no-store', credentials: 'omit' });
  if (response.status === 401) {
    throw new KeyNeeded();
  }
  return response;
}

/** @param {Response} response @param {string} what */
async function refusal(response, what) {
  const text = (response.headers.get('content-type') ?? '').startsWith('text/plain') ? await response.text() : '';
  return new Refused(response.status, text || `${what} (the host answered ${response.status})`);
}

/**
 * Reads what the page shows.
 * @param {string} path
 * @param {{ query?: Readonly<Record<string, string>>, etag?: string | null, signal?: AbortSignal }} [options]
 * @returns {Promise<{ body: any, etag: string | null }>} `body` is null when it is what `etag` stands for.
 * @throws {KeyNeeded | Refused | TypeError} the last when the host does not answer.
 */
export async function read(path, { query = {}, etag = null, signal } = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  const response = await request(`${pageApi}/${path}${search}`, {
    ...(signal === undefined ? {} : { signal }),
    headers: etag === null ? {} : { 'if-none-match': etag },
  });
  if (response.status === 304) {
    return { body: null, etag };
  }
  if (!response.ok) {
    throw await refusal(response, 'There is nothing here');
  }
  return { body: await response.json(), etag: response.headers.get('etag') };
}

/**
 * Calls the management API of Durable Functions.
 * @param {'GET' | 'POST' | 'DELETE'} method
 * @param {readonly string[]} path
 * @param {{ query?: Readonly<Record<string, string>>, body?: string }} [options]
 * @returns {Promise<any>} what the API says, if it is JSON.
 */
export async function manage(method, path, { query = {}, body } = {}) {
  const search = Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`;
  const response = await request(`${managementApi}/${path.map(encodeURIComponent).join('/')}${search}`, {
    method,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) {
    throw await refusal(response, response.status === 410 ? 'The instance is over' : 'That was not possible');
  }
  return (response.headers.get('content-type') ?? '').includes('json') ? response.json() : undefined;
}
