import type { JSX } from 'preact';
import type { RunRecord } from '../../api/types.ts';
import { StatusBadge } from '../../components/status-badge.tsx';
import { formatSeconds, formatTime } from '../../format.ts';
import { Link } from '../../routing/link.tsx';
import { aboutOf, titleOf } from './describe-run.ts';

interface RunListProps {
  readonly runs: readonly RunRecord[];
  readonly selected: string | undefined;
}

/** Runs, newest first. */
export function RunList({ runs, selected }: RunListProps): JSX.Element {
  if (runs.length === 0) return <p class="empty">No runs yet: land a file.</p>;
  return (
    <ul class="cards cards-tight scroll-list">
      {runs.map((run) => (
        <li key={run.id}>
          <Link to={`operations/${run.id}`} class="card" current={run.id === selected}>
            <span class="card-title">
              {titleOf(run)} <StatusBadge status={run.status} />
            </span>
            <span class="card-foot">
              {aboutOf(run)} · {formatTime(run.startedAt)}
              {run.endedAt !== undefined && ` · ${formatSeconds(secondsOf(run))}`}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** How long a run took, or has taken until now. */
export function secondsOf({ startedAt, endedAt }: { readonly startedAt: string; readonly endedAt?: string }): number {
  const end = endedAt === undefined ? Date.now() : Date.parse(endedAt);
  return Math.max(0, (end - Date.parse(startedAt)) / 1000);
}
