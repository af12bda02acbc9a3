import type { JSX } from 'preact';
import { Notice } from '../../components/notice.tsx';
import { formatTime } from '../../format.ts';

/** Says that what is shown was kept on this device, and since when. */
export function OfflineMark({ keptAt }: { readonly keptAt: string | undefined }): JSX.Element | null {
  if (keptAt === undefined) return null;
  return (
    <Notice kind="warning">
      <strong>Offline</strong>, as of {keptAt === '' ? 'an earlier visit' : formatTime(keptAt)}
    </Notice>
  );
}
