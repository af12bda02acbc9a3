import type { ComponentChildren, JSX } from 'preact';
import type { BackfillPreview } from '../../api/types.ts';
import { Notice } from '../../components/notice.tsx';
import { formatBytes, formatCount, formatSeconds, humanize } from '../../format.ts';

interface PreviewProps {
  readonly preview: BackfillPreview;
  /** What can be done about it. */
  readonly children: ComponentChildren;
}

/** What a backfill would do, before anything begins. */
export function BackfillPreviewPanel({ preview, children }: PreviewProps): JSX.Element {
  const { files, rows, bytes, quarantined, runs, databricksRuns, estimatedSeconds, canary, leftOut } = preview;
  const duration =
    estimatedSeconds === null
      ? 'unknown: no batch has run yet'
      : `about ${formatSeconds(estimatedSeconds)}, by ${counted(preview.estimatedFrom, 'past batch', 'past batches')}`;
  return (
    <section aria-labelledby="preview-title">
      <h3 id="preview-title">What it comes to</h3>
      {files === 0 ? (
        <Notice kind="info">No file would be read again.</Notice>
      ) : (
        <dl class="facts facts-wide">
          <div>
            <dt>Files</dt>
            <dd>
              {formatCount(files)} ({formatBytes(bytes)})
            </dd>
          </div>
          <div>
            <dt>Rows</dt>
            <dd>
              {formatCount(rows)}, of which {formatCount(quarantined)} are refused now
            </dd>
          </div>
          <div>
            <dt>Runs</dt>
            <dd>
              {counted(runs, 'batch', 'batches')}, {counted(databricksRuns, 'Databricks run', 'Databricks runs')}
            </dd>
          </div>
          <div>
            <dt>Duration</dt>
            <dd>{duration}</dd>
          </div>
          <div>
            <dt>Contract</dt>
            <dd>
              {preview.contracts.map(({ version, files: count }) => (
                <span key={version}>
                  <code>{version === '' ? 'none' : version}</code> ({counted(count, 'file', 'files')}){' '}
                </span>
              ))}
              → <code>{preview.contractVersion}</code>
            </dd>
          </div>
          <div>
            <dt>First</dt>
            <dd>{canary === null ? 'All at once' : <span class="path">{canary.path}</span>}</dd>
          </div>
          <div class="whole">
            <dt>Insights that may change</dt>
            <dd>
              {preview.insights.length === 0
                ? 'None'
                : preview.insights.map(({ dataset, insight }) => `${dataset}: ${humanize(insight)}`).join(', ')}
            </dd>
          </div>
        </dl>
      )}
      {leftOut.map(({ reason, files: count }) => (
        <p key={reason} class="muted">
          {counted(count, 'file is', 'files are')} left out. {reason}
        </p>
      ))}
      <div class="actions">{children}</div>
    </section>
  );
}

function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
