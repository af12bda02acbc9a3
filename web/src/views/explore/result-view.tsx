import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Row } from '../../api/types.ts';
import { ChartFigure } from '../../charts/chart-figure.tsx';
import { chooseChart, columnRoles } from '../../charts/choose-chart.ts';
import { DataTable, type TableColumn } from '../../components/data-table.tsx';
import { Notice } from '../../components/notice.tsx';
import { Options } from '../../components/options.tsx';
import { saveAs } from '../../components/save-as.ts';
import { formatCount, formatSeconds, formatValue, humanize } from '../../format.ts';
import { toCsv } from './csv.ts';
import type { SqlResult } from './run-statement.ts';

/** A result: its grid, a chart where it has numbers, and the file. */
export function ResultView({ result }: { readonly result: SqlResult }): JSX.Element {
  const { columns, truncated, seconds } = result;
  const rows = useMemo(
    () => result.rows.map((row): Row => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]))),
    [result, columns],
  );
  const roles = columnRoles(rows, []);
  const [chosen, setChosen] = useState<{ readonly dimension?: string; readonly measure?: string }>({});
  const has = (name: string | undefined): name is string => columns.some((column) => column.name === name);
  const measure = has(chosen.measure) ? chosen.measure : roles.measures[0];
  const dimensions = [...roles.dimensions, ...roles.time, ...roles.measures].filter((name) => name !== measure);
  const dimension = has(chosen.dimension) && chosen.dimension !== measure ? chosen.dimension : dimensions[0];
  const download = (): void =>
    saveAs(new Blob([toCsv(columns, result.rows)], { type: 'text/csv' }), 'landfall-result.csv');
  return (
    <section aria-label="Result">
      <div class="toolbar">
        <p class="muted" role="status">
          {formatCount(rows.length)} {rows.length === 1 ? 'row' : 'rows'} in {formatSeconds(seconds)}
        </p>
        <button type="button" class="quiet" onClick={download} disabled={rows.length === 0}>
          Download CSV
        </button>
      </div>
      {truncated && (
        <Notice kind="warning">There was more than the limit; narrow the statement to see all of it.</Notice>
      )}
      {measure !== undefined && dimension !== undefined && rows.length > 1 && (
        <>
          <div class="toolbar">
            <Choice
              title="Chart"
              names={roles.measures}
              value={measure}
              onChange={(name) => setChosen({ ...chosen, measure: name })}
            />
            <Choice
              title="By"
              names={dimensions}
              value={dimension}
              onChange={(name) => setChosen({ ...chosen, dimension: name })}
            />
          </div>
          <ChartFigure
            title={`${humanize(measure)} by ${humanize(dimension).toLowerCase()}`}
            measure={measure}
            chart={chooseChart(rows, [dimension], measure)}
          />
        </>
      )}
      <DataTable
        caption="Rows of the result"
        rows={rows}
        rowKey={(_row, index) => String(index)}
        empty="The result has no rows."
        columns={columns.map(
          ({ name, type }): TableColumn<Row> => ({
            name,
            title: name,
            hint: type,
            numeric: rows.some((row) => typeof row[name] === 'number'),
            sortBy: (row) => row[name],
            cell: (row) => formatValue(row[name], name),
          }),
        )}
      />
    </section>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly value: string;
  readonly onChange: (name: string) => void;
}

function Choice({ title, names, value, onChange }: ChoiceProps): JSX.Element {
  return (
    <label class="field field-inline">
      <span>{title}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <Options names={names} />
      </select>
    </label>
  );
}
