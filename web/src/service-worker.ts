// Keeps the app itself at hand: its files are fetched once a version, and the page opens without a network. It knows nothing of
// the API, whose answers the page keeps itself (api/last-insights.ts), since they belong to who signed in.

/** Both are written in by the build (vite.config.ts). */
declare const __PRECACHE_PATHS__: readonly string[];
declare const __PRECACHE_VERSION__: string;

/** What is used of a service worker's globals; the compiler has either the window's types or the worker's. */
interface WorkerScope {
  readonly location: { readonly origin: string };
  addEventListener(type: 'install' | 'activate' | 'fetch', listener: (event: WorkerEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}
interface WorkerEvent {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const worker = globalThis as unknown as WorkerScope;
const PREFIX = 'landfall-app-';
const CACHE = PREFIX + __PRECACHE_VERSION__;
const PAGE = __PRECACHE_PATHS__[0] ?? '/app/';

worker.addEventListener('install', (event) => event.waitUntil(precache()));
worker.addEventListener('activate', (event) => event.waitUntil(removeOldVersions().then(() => worker.clients.claim())));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || !url.pathname.startsWith(PAGE)) return;
  // Views have addresses of their own, but are one page.
  event.respondWith(request.mode === 'navigate' ? openPage(request) : fromCache(request));
});

async function precache(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(__PRECACHE_PATHS__.map((path) => new Request(path, { cache: 'reload' })));
  await worker.skipWaiting();
}

async function removeOldVersions(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
  );
}

/** The newest page when there is a network, so that a new version is there at once; else the one that is kept. */
async function openPage(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (response.ok || response.type === 'opaqueredirect') return response;
    throw new Error(`the page was answered with ${response.status}`);
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept !== undefined) return kept;
    throw error;
  }
}

async function fromCache(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}
