import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { explainError } from '../../api/api-problem.ts';
import { call } from '../../api/client.ts';
import type { QuarantinedPage, QuarantinedRow } from '../../api/types.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { formatCount } from '../../format.ts';

interface QuarantinedRowsProps {
  /** Of which file, as the API takes it. */
  readonly query: string;
  readonly path: string;
}

const PAGE = 25;

/** The refused rows of a file, with why and what stands in the file; more of them on demand. */
export function QuarantinedRows({ query, path }: QuarantinedRowsProps): JSX.Element {
  const page = (cursor?: string): Promise<QuarantinedPage> =>
    call(`/api/quarantine?${query}&limit=${PAGE}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
  const first = useLoaded(query, () => page());
  const [later, setLater] = useState<{ readonly items: readonly QuarantinedRow[]; readonly next: string | null }>();
  const [error, setError] = useState<unknown>();
  const failure = error ?? first.error;
  if (failure !== undefined) return <Notice kind="error">{explainError(failure)}</Notice>;
  if (first.value === undefined) return <Loading what="the rows" />;
  const rows = [...first.value.items, ...(later?.items ?? [])];
  const next = later === undefined ? first.value.next : later.next;
  const more = async (): Promise<void> => {
    try {
      const answer = await page(next ?? undefined);
      setLater({ items: [...(later?.items ?? []), ...answer.items], next: answer.next });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      <DataTable
        caption={`Quarantined rows of ${path}`}
        rows={rows}
        rowKey={({ line, item }) => `${line} ${item ?? 1}`}
        pageSize={Number.POSITIVE_INFINITY}
        empty="No rows."
        columns={[
          {
            name: 'line',
            title: 'Line',
            numeric: true,
            sortBy: ({ line }) => line,
            cell: ({ line }) => formatCount(line),
          },
          { name: 'rule', title: 'Rule', sortBy: ({ rule }) => rule, cell: ({ rule }) => rule },
          { name: 'reason', title: 'Why', cell: ({ reason }) => reason },
          { name: 'raw', title: 'In the file', cell: ({ raw }) => <code class="example">{raw}</code> },
        ]}
      />
      {next !== null && (
        <button type="button" class="quiet" onClick={more}>
          Load more rows
        </button>
      )}
    </>
  );
}
