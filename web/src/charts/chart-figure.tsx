import type { JSX } from 'preact';
import { DataTable } from '../components/data-table.tsx';
import { formatCount, formatValue, humanize } from '../format.ts';
import { BarChart } from './bar-chart.tsx';
import type { Chart } from './choose-chart.ts';
import { LineChart } from './line-chart.tsx';

interface ChartFigureProps {
  readonly title: string;
  readonly measure: string;
  readonly chart: Chart;
}

/** A chart with what it shows as a table, for whoever would rather read it. */
export function ChartFigure({ title, measure, chart }: ChartFigureProps): JSX.Element {
  const description = describe(chart);
  const entries =
    chart.kind === 'bars'
      ? chart.bars.map(({ label, value }) => ({ name: label, at: '', value }))
      : chart.lines.flatMap(({ name, points }) => points.map(({ at, value }) => ({ name, at, value })));
  return (
    <figure class="figure">
      <figcaption>
        <strong>{title}</strong>
        {chart.left > 0 && (
          <span class="muted">
            {' '}
            The largest {chart.kind === 'bars' ? chart.bars.length : chart.lines.length}; {formatCount(chart.left)} more
            in the rows below.
          </span>
        )}
      </figcaption>
      {chart.kind === 'bars' ? (
        <BarChart title={title} description={description} measure={measure} bars={chart.bars} />
      ) : (
        <LineChart title={title} description={description} measure={measure} lines={chart.lines} />
      )}
      <details class="as-table">
        <summary>Chart as a table</summary>
        <DataTable
          caption={`${title}, as a table`}
          rows={entries}
          rowKey={({ name, at }) => `${name} ${at}`}
          columns={[
            { name: 'name', title: 'Name', cell: ({ name }) => name },
            ...(chart.kind === 'lines' ? [{ name: 'at', title: 'Time', cell: ({ at }: { at: string }) => at }] : []),
            {
              name: 'value',
              title: humanize(measure),
              numeric: true,
              cell: ({ value }) => formatValue(value, measure),
            },
          ]}
        />
      </details>
    </figure>
  );
}

function describe(chart: Chart): string {
  if (chart.kind === 'bars') {
    const [first] = chart.bars;
    return first === undefined ? 'No bars' : `${chart.bars.length} bars, the largest ${first.label}`;
  }
  const points = chart.lines.reduce((sum, line) => sum + line.points.length, 0);
  return `${chart.lines.length} lines with ${points} points: ${chart.lines.map(({ name }) => name).join(', ')}`;
}
