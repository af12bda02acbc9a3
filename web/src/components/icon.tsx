import type { JSX } from 'preact';

const PATHS = {
  insights: 'M4 20V11M10 20V5M16 20v-7M21 20H3',
  operations: 'M3 12h4l2.5-7 5 14 2.5-7h4',
  explore: 'M5 5h14v14H5zM5 10h14M10.5 10v9',
  upload: 'M12 16V5M7 9.5 12 4.5l5 5M4.5 16v3.5h15V16',
  chevron: 'm9 6 6 6-6 6',
  back: 'M15 6l-6 6 6 6',
  leave: 'M14 5h5v14h-5M10 8l-4 4 4 4M6.5 12H15',
} as const;

/** A line drawing beside a word that says the same: it is left out of what screen readers tell. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
