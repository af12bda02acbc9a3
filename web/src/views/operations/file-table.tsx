import type { JSX } from 'preact';
import type { FileRecord } from '../../api/types.ts';
import { DataTable } from '../../components/data-table.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { formatBytes, formatCount, formatTime } from '../../format.ts';
import { Link } from '../../routing/link.tsx';
import { QuarantineActions } from './quarantine-actions.tsx';

interface FileTableProps {
  readonly caption: string;
  readonly files: readonly FileRecord[];
}

/** Files with their books; what went wrong stands with each. */
export function FileTable({ caption, files }: FileTableProps): JSX.Element {
  return (
    <DataTable
      caption={caption}
      rows={files}
      rowKey={({ id }) => id}
      empty="No files yet."
      columns={[
        {
          name: 'path',
          title: 'File',
          sortBy: ({ path }) => path,
          cell: (file) => (
            <>
              <span class="path">{file.path}</span>
              {file.replay !== undefined && <span class="muted"> · replay</span>}
              <FileTrouble file={file} />
            </>
          ),
        },
        {
          name: 'status',
          title: 'Status',
          sortBy: ({ status }) => status,
          cell: ({ status }) => <StatusBadge status={status} />,
        },
        {
          name: 'landed',
          title: 'Landed',
          sortBy: ({ landedAt }) => landedAt,
          cell: ({ landedAt }) => <span class="nowrap">{formatTime(landedAt)}</span>,
        },
        {
          name: 'loaded',
          title: 'Loaded',
          hint: 'Rows that were loaded, of those that were read',
          numeric: true,
          sortBy: ({ rows }) => rows?.loaded,
          cell: ({ rows }) => (rows === undefined ? '–' : formatCount(rows.loaded)),
        },
        {
          name: 'quarantined',
          title: 'Quarantined',
          numeric: true,
          sortBy: ({ rows }) => rows?.quarantined,
          cell: ({ rows }) => (rows === undefined ? '–' : formatCount(rows.quarantined)),
        },
        {
          name: 'size',
          title: 'Size',
          numeric: true,
          sortBy: ({ size }) => size,
          cell: ({ size }) => <span class="nowrap">{formatBytes(size)}</span>,
        },
        {
          name: 'run',
          title: 'Run',
          cell: ({ batch }) => (batch === undefined ? '–' : <Link to={`operations/${batch}`}>{runName(batch)}</Link>),
        },
      ]}
    />
  );
}

/** Files that were read, with whatever outcome, can be read again. */
const REPLAYABLE = new Set(['published', 'rejected', 'failed']);

function FileTrouble({ file }: { readonly file: FileRecord }): JSX.Element | null {
  const { reason, reasons, replacedBy, correctedBy } = file;
  if (reason === undefined && (reasons ?? []).length === 0) return null;
  return (
    <details class="trouble">
      <summary>{reason === undefined ? 'Quarantined rows' : 'Why'}</summary>
      {reason !== undefined && <p>{reason}</p>}
      <ul>
        {(reasons ?? []).map(({ rule, rows, example }) => (
          <li key={rule}>
            {formatCount(rows)} × {rule}
            {example !== undefined && <code class="example">{example}</code>}
          </li>
        ))}
      </ul>
      {replacedBy !== undefined && <p>A later reading of this file took its place, in {runName(replacedBy.batch)}.</p>}
      {correctedBy !== undefined && <p>These rows landed once more, corrected, in {runName(correctedBy.batch)}.</p>}
      {REPLAYABLE.has(file.status) && <QuarantineActions file={file} />}
    </details>
  );
}

/** `flights-00000012` → `flights #12`. */
function runName(batch: string): string {
  return batch.replace(/-0*(\d+)$/, ' #$1');
}
