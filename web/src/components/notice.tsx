import type { ComponentChildren, JSX } from 'preact';

interface NoticeProps {
  readonly kind: 'info' | 'warning' | 'error' | 'success';
  readonly children: ComponentChildren;
}

/** A message in the flow of the page. Errors are told at once, all others when the reader pauses. */
export function Notice({ kind, children }: NoticeProps): JSX.Element {
  return (
    <div class={`notice notice-${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
