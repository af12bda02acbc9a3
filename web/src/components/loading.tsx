import type { JSX } from 'preact';

/** Stands where something will be, in about its size, so that nothing jumps. */
export function Loading({ what, lines = 6 }: { readonly what: string; readonly lines?: number }): JSX.Element {
  return (
    <div class="loading" role="status" style={{ minHeight: `${lines * 1.9}rem` }}>
      <span class="loading-dot" aria-hidden="true" />
      Loading {what}…
    </div>
  );
}
