import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount } from '../format.ts';

/** A column of a table. */
export interface TableColumn<T> {
  readonly name: string;
  readonly title: string;
  /** Told of the column to whoever rests on its title. */
  readonly hint?: string;
  readonly numeric?: boolean;
  /** What rows are sorted by; without it the column cannot be. */
  readonly sortBy?: (row: T) => unknown;
  readonly cell: (row: T) => ComponentChildren;
}

interface DataTableProps<T> {
  readonly caption: string;
  readonly columns: readonly TableColumn<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T, index: number) => string;
  readonly selected?: (row: T) => boolean;
  readonly pageSize?: number;
  readonly empty?: ComponentChildren;
}

/** A table that scrolls sideways within itself on narrow screens, sorts by its titles, and shows more rows on demand. */
export function DataTable<T>(props: DataTableProps<T>): JSX.Element {
  const { caption, columns, rows, rowKey, selected, pageSize = 25, empty = 'Nothing here.' } = props;
  const [sort, setSort] = useState<{ readonly name: string; readonly descending: boolean }>();
  const [shown, setShown] = useState(pageSize);
  const column = columns.find(({ name }) => name === sort?.name);
  const by = column?.sortBy;
  const sorted = by === undefined ? rows : rows.toSorted((a, b) => compare(by(a), by(b), sort?.descending ?? false));
  const visible = sorted.slice(0, shown);
  return (
    <div class="table-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="table-scroll" tabIndex={0} aria-label={caption}>
        <table>
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map(({ name, title, hint, numeric, sortBy }) => (
                <th
                  key={name}
                  scope="col"
                  class={numeric ? 'numeric' : undefined}
                  title={hint}
                  aria-sort={sort?.name === name ? (sort.descending ? 'descending' : 'ascending') : undefined}
                >
                  {sortBy === undefined ? (
                    title
                  ) : (
                    <button
                      type="button"
                      class="sort"
                      onClick={() =>
                        setSort((now) => ({
                          name,
                          descending: now?.name === name ? !now.descending : numeric === true,
                        }))
                      }
                    >
                      {title}
                      <span class="sort-mark" aria-hidden="true">
                        {sort?.name === name ? (sort.descending ? '↓' : '↑') : ''}
                      </span>
                    </button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {visible.map((row, index) => (
              <tr key={rowKey(row, index)} class={selected?.(row) ? 'selected' : undefined}>
                {columns.map(({ name, numeric, cell }) => (
                  <td key={name} class={numeric ? 'numeric' : undefined}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p class="empty">{empty}</p>}
      </section>
      {rows.length > pageSize && (
        <p class="table-more">
          {formatCount(visible.length)} of {formatCount(rows.length)} rows
          {visible.length < rows.length && (
            <button type="button" class="quiet" onClick={() => setShown(shown + 4 * pageSize)}>
              Show more
            </button>
          )}
        </p>
      )}
    </div>
  );
}

/** Values of one kind by their order, nothing last. */
function compare(a: unknown, b: unknown, descending: boolean): number {
  const [missingA, missingB] = [a === null || a === undefined, b === null || b === undefined];
  if (missingA || missingB) return Number(missingA) - Number(missingB);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en');
  return descending ? -order : order;
}
