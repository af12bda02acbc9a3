import type { JSX } from 'preact';
import type { Row } from '../../api/types.ts';
import { DataTable, type TableColumn } from '../../components/data-table.tsx';
import { formatValue, humanize } from '../../format.ts';

interface InsightTableProps {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly keyColumns: readonly string[];
  readonly keyOf: (row: Row) => string;
  readonly selected: string | undefined;
  readonly onSelect: (key: string | undefined) => void;
}

/** All rows, to be sorted; each can be opened. */
export function InsightTable({ title, rows, keyColumns, keyOf, selected, onSelect }: InsightTableProps): JSX.Element {
  const isNumber = (name: string): boolean => rows.some((row) => typeof row[name] === 'number');
  const names = Object.keys(rows[0] ?? {})
    .filter((name) => !/_(lat|lon)$/.test(name) && !Array.isArray(rows[0]?.[name]))
    .toSorted((a, b) => Number(isNumber(b)) - Number(isNumber(a)));
  const [first = ''] = keyColumns;
  const ordered = [...keyColumns, ...names.filter((name) => !keyColumns.includes(name))];
  const columns = ordered.map(
    (name): TableColumn<Row> => ({
      name,
      title: humanize(name),
      numeric: isNumber(name),
      sortBy: (row) => row[name],
      cell: (row) =>
        name === first ? (
          <button
            type="button"
            class="row-open"
            aria-pressed={keyOf(row) === selected}
            aria-label={keyColumns.map((column) => String(row[column])).join(' → ')}
            onClick={() => onSelect(keyOf(row) === selected ? undefined : keyOf(row))}
          >
            {formatValue(row[name], name)}
          </button>
        ) : (
          formatValue(row[name], name)
        ),
    }),
  );
  return (
    <DataTable
      caption={`Rows of ${title}`}
      columns={columns}
      rows={rows}
      rowKey={keyOf}
      selected={(row) => keyOf(row) === selected}
      empty="No rows match."
    />
  );
}
