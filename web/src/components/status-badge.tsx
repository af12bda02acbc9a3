import type { JSX } from 'preact';
import { humanize } from '../format.ts';

const TONES: Readonly<Record<string, string>> = {
  published: 'good',
  succeeded: 'good',
  processing: 'busy',
  arrived: 'busy',
  running: 'busy',
  canceling: 'busy',
  rejected: 'bad',
  failed: 'bad',
};

/** How something stands, in a word and a colour. */
export function StatusBadge({ status }: { readonly status: string }): JSX.Element {
  return <span class={`badge badge-${TONES[status] ?? 'calm'}`}>{humanize(status)}</span>;
}
