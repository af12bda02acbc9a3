import type { JSX } from 'preact';
import type { RunRecord } from '../../api/types.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Notice } from '../../components/notice.tsx';
import { formatCount } from '../../format.ts';

interface BackfillProgressProps {
  readonly files: number;
  readonly backfill: NonNullable<RunRecord['backfill']>;
}

/** How far a backfill has come, what became of its canary, and what was left out. */
export function BackfillProgress({ files, backfill }: BackfillProgressProps): JSX.Element {
  const { progress, outcome, leftOut = [] } = backfill;
  const { published, failed, rejected, before, after } = progress;
  const done = published + failed + rejected + progress.leftOut;
  return (
    <div>
      <label class="field field-wide">
        <span>
          {formatCount(done)} of {formatCount(files)} files
          {failed + rejected > 0 && `, ${formatCount(failed + rejected)} of them not published`}
          {progress.leftOut > 0 && `, ${formatCount(progress.leftOut)} left out`}
        </span>
        <progress max={files} value={done} />
      </label>
      <p class="books">
        Refused rows of the files that are done: <strong>{formatCount(before.quarantined)}</strong> of{' '}
        {formatCount(before.read)} before, <strong>{formatCount(after.quarantined)}</strong> of{' '}
        {formatCount(after.read)} now
      </p>
      {outcome !== undefined && (
        <Notice kind={outcome.passed ? 'success' : 'error'}>
          Canary <span class="path">{outcome.path}</span> {outcome.passed ? 'passed' : 'did not pass'}. {outcome.reason}
        </Notice>
      )}
      {outcome !== undefined && outcome.rules.length > 0 && (
        <DataTable
          caption="Refused rows of the canary, by rule"
          rows={outcome.rules}
          rowKey={({ rule }) => rule}
          empty="None."
          columns={[
            { name: 'rule', title: 'Rule', cell: ({ rule }) => rule },
            { name: 'before', title: 'Before', numeric: true, cell: (row) => formatCount(row.before) },
            { name: 'after', title: 'Now', numeric: true, cell: (row) => formatCount(row.after) },
          ]}
        />
      )}
      {leftOut.map(({ path, reason }) => (
        <p key={path} class="muted">
          <span class="path">{path}</span> was left out. {reason}
        </p>
      ))}
    </div>
  );
}
