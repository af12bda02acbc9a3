import { useEffect, useState } from 'preact/hooks';

/** Something on its way, there, or failed. While it is loaded anew, what was there before stays. */
export interface Loaded<T> {
  readonly value?: T;
  readonly error?: unknown;
  readonly loading: boolean;
}

/** Loads something whenever `key` changes; an answer that comes late, after the next question, is dropped. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<Loaded<T> & { readonly key: string }>({ loading: true, key });
  // `load` is made anew at each rendering; `key` says when it differs.
  useEffect(() => {
    let current = true;
    setState((before) => ({ ...before, loading: true }));
    load().then(
      (value) => current && setState({ value, loading: false, key }),
      (error: unknown) => current && setState({ error, loading: false, key }),
    );
    return () => {
      current = false;
    };
  }, [key]);
  return state;
}
