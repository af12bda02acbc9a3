import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunRecord } from '../../api/types.ts';
import { formatCount, formatSeconds, humanize } from '../../format.ts';
import { timelineOf } from './timeline.ts';

/** The steps of a run on one time axis; those at work grow. */
export function RunTimeline({ run }: { readonly run: RunRecord }): JSX.Element {
  const now = useNow(run.status === 'running');
  const steps = timelineOf(run, now);
  if (steps.length === 0) return <p class="empty">No step has begun.</p>;
  return (
    <ol class="timeline" aria-label="Steps">
      {steps.map(({ name, step, seconds, offset, length }) => (
        <li key={name} class={step.endedAt === undefined && run.status === 'running' ? 'at-work' : undefined}>
          <span class="timeline-name">{humanize(name)}</span>
          <span class="timeline-track" aria-hidden="true">
            <span class="timeline-bar" style={{ left: `${offset * 100}%`, width: `max(3px, ${length * 100}%)` }} />
          </span>
          <span class="timeline-note">
            {formatSeconds(seconds)}
            {step.rows !== undefined && ` · ${formatCount(step.rows)} rows`}
            {step.detail !== undefined && <span class="muted"> · {step.detail}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

function useNow(ticking: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
