import type { ComponentChildren, JSX } from 'preact';
import { BASE, go } from './router.ts';

interface LinkProps {
  /** An address below /app/. */
  readonly to: string;
  readonly class?: string;
  readonly current?: boolean;
  readonly children: ComponentChildren;
}

/** A link within the app: an ordinary one for whoever opens it elsewhere, without a page load for all others. */
export function Link({ to, class: name, current = false, children }: LinkProps): JSX.Element {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
    scrollTo(0, 0);
  };
  return (
    <a href={BASE + to} class={name} aria-current={current ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
