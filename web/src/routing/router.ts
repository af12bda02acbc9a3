import { useEffect, useState } from 'preact/hooks';

/** Where the app is served. */
export const BASE = '/app/';

const MOVED = 'landfall-moved';

/** The address below /app/, in parts: `/app/insights/flights/route-risk` is `insights`, `flights`, `route-risk`. */
export function useRoute(): readonly string[] {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const update = (): void => setPath(location.pathname);
    addEventListener('popstate', update);
    addEventListener(MOVED, update);
    return () => {
      removeEventListener('popstate', update);
      removeEventListener(MOVED, update);
    };
  }, []);
  return routeOf(path);
}

/** Goes to an address below /app/. */
export function go(route: string, options: { readonly replace?: boolean } = {}): void {
  const path = route.startsWith('/') ? route : BASE + route;
  if (options.replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  dispatchEvent(new Event(MOVED));
}

function routeOf(path: string): readonly string[] {
  return path.slice(BASE.length).split('/').filter(Boolean).map(decodeURIComponent);
}
