import { readProblem } from './api-problem.ts';
import { send } from './client.ts';

/** An answer, and since when it is kept when it came from this device instead of the server. */
export interface Kept<T> {
  readonly value: T;
  readonly keptAt?: string;
}

const CACHE = 'landfall-insights';
const KEPT_AT = 'x-kept-at';

/** Answers whose versions are older than this many paths ago make room. */
const MOST_PATHS = 200;

/**
 * GET of something about insights: from the server, and kept on this device; without a network what was kept last. What the
 * server refuses (403 and the like) is no lack of a network, and thrown.
 */
export async function getKept<T>(path: string): Promise<Kept<T>> {
  try {
    const response = await send(path);
    if (!response.ok) throw await readProblem(response);
    void keep(path, response.clone());
    return { value: (await response.json()) as T };
  } catch (error) {
    const kept = error instanceof TypeError ? await find<T>(path) : undefined;
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Whether this device keeps insights, so that there is something to see without a network. */
export async function hasKept(): Promise<boolean> {
  return 'caches' in globalThis && (await (await caches.open(CACHE)).keys()).length > 0;
}

/** Removes everything that was kept: it belonged to who signed in. */
export async function forgetKept(): Promise<void> {
  if ('caches' in globalThis) await caches.delete(CACHE);
}

async function keep(path: string, response: Response): Promise<void> {
  if (!('caches' in globalThis)) return;
  const cache = await caches.open(CACHE);
  const headers = { 'content-type': 'application/json', [KEPT_AT]: new Date().toISOString() };
  await cache.put(path, new Response(await response.blob(), { headers }));
  const paths = await cache.keys();
  await Promise.all(paths.slice(0, -MOST_PATHS).map((old) => cache.delete(old)));
}

async function find<T>(path: string): Promise<Kept<T> | undefined> {
  if (!('caches' in globalThis)) return undefined;
  const response = await (await caches.open(CACHE)).match(path);
  if (response === undefined) return undefined;
  return { value: (await response.json()) as T, keptAt: response.headers.get(KEPT_AT) ?? '' };
}
