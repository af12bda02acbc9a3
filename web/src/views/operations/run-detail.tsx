import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { explainError } from '../../api/api-problem.ts';
import { call, post } from '../../api/client.ts';
import type { RunRecord } from '../../api/types.ts';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { formatCount, formatSeconds, formatTime } from '../../format.ts';
import { Link } from '../../routing/link.tsx';
import { may } from '../../session/session.ts';
import { BackfillProgress } from './backfill-progress.tsx';
import { isResumable, titleOf } from './describe-run.ts';
import { FileTable } from './file-table.tsx';
import { secondsOf } from './run-list.tsx';
import { RunTimeline } from './run-timeline.tsx';
import { RunWarnings } from './run-warnings.tsx';

interface RunDetailProps {
  readonly id: string;
  /** The run as the stream of changes told it last; newer than what is loaded. */
  readonly live: RunRecord | undefined;
}

/** One run: how it went, step by step, its books and its files; to be cancelled while it runs, resumed when it did not end well. */
export function RunDetail({ id, live }: RunDetailProps): JSX.Element {
  const loaded = useLoaded(`${id} ${live?.status ?? ''}`, () => call<RunRecord>(`/api/runs/${encodeURIComponent(id)}`));
  const run = live ?? loaded.value;
  if (run === undefined) {
    if (loaded.error !== undefined) return <Notice kind="error">{explainError(loaded.error)}</Notice>;
    return <Loading what="the run" lines={10} />;
  }
  return (
    <section class="panel run" aria-labelledby="run-title">
      <header class="run-header">
        <h2 id="run-title">{titleOf(run)}</h2>
        <StatusBadge status={run.status} />
        <span class="muted">
          {formatTime(run.startedAt)} · {formatSeconds(secondsOf(run))}
          {run.model !== undefined && ` · model ${run.model}`}
        </span>
        <RunActions run={run} />
        <Link to="operations" class="close">
          Close
        </Link>
      </header>
      {run.error !== undefined && (run.status === 'failed' || run.status === 'canceled') && (
        <Notice kind={run.status === 'failed' ? 'error' : 'warning'}>{run.error}</Notice>
      )}
      {run.continuedIn !== undefined && (
        <p class="muted">
          It was resumed: its files went on in <Link to={`operations/${run.continuedIn}`}>{run.continuedIn}</Link>.
        </p>
      )}
      {run.refresh !== undefined && <p class="muted">Refreshed: {run.refresh}.</p>}
      {run.training?.verdict !== undefined && (
        <p class="muted">
          {run.training.model}: {run.training.verdict}. {run.training.reason}
        </p>
      )}
      {run.backfill === undefined ? (
        <RunTimeline run={run} />
      ) : (
        <BackfillProgress files={run.files} backfill={run.backfill} />
      )}
      {run.rows !== undefined && <Books rows={run.rows} reasons={run.reasons ?? []} />}
      <RunWarnings run={run} />
      {loaded.value?.fileRecords !== undefined && run.backfill === undefined && (
        <FileTable caption={`Files of ${titleOf(run)}`} files={loaded.value.fileRecords} />
      )}
    </section>
  );
}

/** The books of a run: what was read is all accounted for. */
function Books({ rows, reasons }: Pick<Required<RunRecord>, 'rows' | 'reasons'>): JSX.Element {
  const parts = [
    ['loaded', rows.loaded],
    ['quarantined', rows.quarantined],
    ['duplicates', rows.duplicates],
    ['superseded', rows.superseded],
  ] as const;
  return (
    <p class="books">
      <strong>{formatCount(rows.read)}</strong> read ={' '}
      {parts.map(([name, count], index) => (
        <span key={name}>
          {index > 0 && ' + '}
          <strong>{formatCount(count)}</strong> {name}
        </span>
      ))}
      {reasons.length > 0 && (
        <span class="muted">
          {' '}
          · quarantined by {reasons.map(({ rule, rows: n }) => `${rule} (${formatCount(n)})`).join(', ')}
        </span>
      )}
    </p>
  );
}

function RunActions({ run }: { readonly run: RunRecord }): JSX.Element | null {
  const [asked, setAsked] = useState<{ readonly what: string; readonly status: string }>();
  const [error, setError] = useState<unknown>();
  if (!may('Pipeline.Operate')) return null;
  const ask = async (what: 'cancel' | 'resume'): Promise<void> => {
    setError(undefined);
    setAsked({ what, status: run.status });
    try {
      await post(`/api/runs/${encodeURIComponent(run.id)}/${what}`, {});
    } catch (problem) {
      setError(problem);
      setAsked(undefined);
    }
  };
  // Until the run is told to stand otherwise, what was asked for is under way.
  const waiting =
    (asked !== undefined && asked.status === run.status) || (run.status === 'running' && run.cancelRequested === true);
  return (
    <div class="actions">
      {run.status === 'running' && (
        <button type="button" class="danger" disabled={waiting} onClick={() => ask('cancel')}>
          {waiting ? 'Cancelling…' : 'Cancel run'}
        </button>
      )}
      {isResumable(run) && (
        <button type="button" class="primary" disabled={waiting} onClick={() => ask('resume')}>
          {waiting ? 'Resuming…' : 'Resume run'}
        </button>
      )}
      {error !== undefined && <Notice kind="error">{explainError(error)}</Notice>}
    </div>
  );
}
