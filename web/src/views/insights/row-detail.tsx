import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Row } from '../../api/types.ts';
import { BarChart } from '../../charts/bar-chart.tsx';
import { formatValue, humanize, isShare } from '../../format.ts';

interface RowDetailProps {
  readonly row: Row;
  readonly keyColumns: readonly string[];
  readonly onClose: () => void;
}

/** One row in full; a list within it, such as the hours of a route, is drawn. */
export function RowDetail({ row, keyColumns, onClose }: RowDetailProps): JSX.Element {
  const name = keyColumns.map((column) => String(row[column])).join(' → ');
  const plain = Object.entries(row).filter(
    ([column, value]) => (typeof value !== 'object' || value === null) && !/_(lat|lon)$/.test(column),
  );
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.scrollIntoView({ block: 'nearest' }), [name]);
  const lists = Object.entries(row).filter((entry): entry is [string, Row[]] => isListOfRows(entry[1]));
  return (
    <section class="panel row-detail" aria-label={`Row ${name}`} ref={section}>
      <header class="run-header">
        <h3>{name}</h3>
        <button type="button" class="quiet close" onClick={onClose}>
          Close
        </button>
      </header>
      <dl class="facts">
        {plain.map(([column, value]) => (
          <div key={column}>
            <dt>{humanize(column)}</dt>
            <dd>{formatValue(value, column)}</dd>
          </div>
        ))}
      </dl>
      {lists.map(([column, items]) => {
        const [label = '', ...measures] = Object.keys(items[0] ?? {});
        const measure = measures.find(isShare) ?? measures[0];
        if (measure === undefined) return null;
        const bars = items.map((item) => ({ label: String(item[label]), value: Number(item[measure] ?? 0) }));
        const title = `${humanize(measure)} by ${humanize(label).toLowerCase()}`;
        return (
          <div key={column}>
            <h4>{title}</h4>
            <BarChart title={`${title}, ${name}`} description={`${bars.length} bars`} measure={measure} bars={bars} />
          </div>
        );
      })}
    </section>
  );
}

function isListOfRows(value: unknown): value is Row[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object' && item !== null);
}
