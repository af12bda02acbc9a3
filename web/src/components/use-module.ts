import { useEffect, useState } from 'preact/hooks';

/** A part of the app that is fetched when it is first needed; undefined until it is there. `load` must stay the same. */
export function useModule<T>(load: () => Promise<{ readonly default: T }>): {
  readonly module?: T;
  readonly failed: boolean;
} {
  const [state, setState] = useState<{ readonly module?: T; readonly failed: boolean }>({ failed: false });
  useEffect(() => {
    let current = true;
    load().then(
      (loaded) => current && setState({ module: loaded.default, failed: false }),
      () => current && setState({ failed: true }),
    );
    return () => {
      current = false;
    };
  }, [load]);
  return state;
}
