import type { JSX } from 'preact';
import { useLedger } from '../../api/use-ledger.ts';
import { Notice } from '../../components/notice.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { formatCount, humanize } from '../../format.ts';
import { Link } from '../../routing/link.tsx';
import { RunTimeline } from '../operations/run-timeline.tsx';
import type { SentFile } from './send-file.ts';

interface FileJourneyProps {
  readonly sent: SentFile;
  readonly insights: readonly string[];
}

const STAGES = ['Sent', 'Arrived', 'In process', 'Published'] as const;
const STAGE_OF: Readonly<Record<string, number>> = { arrived: 1, processing: 2, published: 3 };

/** Follows one file from landing to insight, by the stream of changes. */
export function FileJourney({ sent, insights }: FileJourneyProps): JSX.Element {
  const { files, runs } = useLedger();
  const file = files.find(({ path, etag }) => path === sent.path && etag === sent.etag);
  const run = file?.batch === undefined ? undefined : runs.find(({ id }) => id === file.batch);
  const stage = file === undefined ? 0 : (STAGE_OF[file.status] ?? 3);
  const endedElsewhere = file !== undefined && STAGE_OF[file.status] === undefined;
  return (
    <section class="panel journey" aria-labelledby="journey-title">
      <h2 id="journey-title">
        <span class="path">{sent.path}</span> {file !== undefined && <StatusBadge status={file.status} />}
      </h2>
      <ol class="stages" aria-label="Where the file is">
        {STAGES.map((name, index) => (
          <li
            key={name}
            class={index < stage || (index === stage && stage === 3) ? 'done' : index === stage ? 'now' : 'ahead'}
            aria-current={index === stage ? 'step' : undefined}
          >
            {endedElsewhere && index === 3 ? humanize(file.status) : name}
          </li>
        ))}
      </ol>
      {run !== undefined && <RunTimeline run={run} />}
      <div role="status">
        {file?.rows !== undefined && (
          <p>
            {formatCount(file.rows.read)} rows read, {formatCount(file.rows.loaded)} loaded,{' '}
            {formatCount(file.rows.quarantined)} quarantined, {formatCount(file.rows.duplicates)} duplicates.
          </p>
        )}
        {file?.status === 'published' && (
          <Notice kind="success">
            Published.{' '}
            {insights.length === 0
              ? `The dataset ${sent.dataset} is a reference: others are combined with it.`
              : 'See its insights: '}
            {insights.map((insight, index) => (
              <span key={insight}>
                {index > 0 && ', '}
                <Link to={`insights/${sent.dataset}/${insight}`}>{humanize(insight)}</Link>
              </span>
            ))}
          </Notice>
        )}
        {endedElsewhere && (
          <Notice kind={file.status === 'unchanged' ? 'info' : 'error'}>
            {file.reason ?? `The file ended as ${file.status}.`}
          </Notice>
        )}
      </div>
      {run !== undefined && <Link to={`operations/${run.id}`}>See the run</Link>}
    </section>
  );
}
