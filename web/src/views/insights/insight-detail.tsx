import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { explainError } from '../../api/api-problem.ts';
import type { InsightEntry, Row } from '../../api/types.ts';
import { ChartFigure } from '../../charts/chart-figure.tsx';
import { chooseChart, columnRoles } from '../../charts/choose-chart.ts';
import { Icon } from '../../components/icon.tsx';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { formatCount, formatTime, humanize } from '../../format.ts';
import { placeColumns } from '../../map/places.ts';
import { Link } from '../../routing/link.tsx';
import { FilterBar } from './filter-bar.tsx';
import { InsightMap } from './insight-map.tsx';
import { InsightTable } from './insight-table.tsx';
import { type Filters, loadRows } from './load-rows.ts';
import { OfflineMark } from './offline-mark.tsx';
import { RowDetail } from './row-detail.tsx';

/** What people look at first, where an insight has it. */
const FAVOURITES = ['risk', 'late_15_share', 'avg_dep_delay'];

/** One insight: filters, a map where its rows have places, a chart, its rows. */
export function InsightDetail({ entry }: { readonly entry: InsightEntry }): JSX.Element {
  const [filters, setFilters] = useState<Filters>({});
  const [measure, setMeasure] = useState<string>();
  const [selected, setSelected] = useState<string>();
  const allRows = useMemo(() => loadRows(entry, {}), [entry]);
  const whole = useLoaded(entry.href, () => allRows);
  const found = useLoaded(JSON.stringify([entry.href, filters]), () =>
    Object.keys(filters).length === 0 ? allRows : loadRows(entry, filters),
  );
  const result = found.value?.value;
  const rows = result?.rows ?? [];
  const { measures } = columnRoles(whole.value?.value.rows ?? rows, entry.key);
  const drawn = measure ?? FAVOURITES.find((name) => measures.includes(name)) ?? measures[0];
  const keyOf = (row: Row): string => JSON.stringify(entry.key.map((name) => row[name]));
  const chosen = rows.find((row) => keyOf(row) === selected);
  const title = humanize(entry.insight);
  return (
    <article aria-labelledby="insight-title">
      <Link to="insights" class="back">
        <Icon name="back" /> All insights
      </Link>
      <h2 id="insight-title" class="title">
        {title}
      </h2>
      <p class="lead">{entry.description}</p>
      <OfflineMark keptAt={found.value?.keptAt} />
      {found.error !== undefined && <Notice kind="error">{explainError(found.error)}</Notice>}
      <div class="toolbar">
        {(measures.length > 0 || whole.loading) && (
          <label class="field">
            <span>Measure</span>
            <select value={drawn} onChange={({ currentTarget }) => setMeasure(currentTarget.value)}>
              {measures.map((name) => (
                <option key={name} value={name}>
                  {humanize(name)}
                </option>
              ))}
            </select>
          </label>
        )}
        <FilterBar names={entry.filters} rows={whole.value?.value.rows ?? []} filters={filters} onChange={setFilters} />
      </div>
      {result === undefined && found.error === undefined && <Loading what="rows" lines={16} />}
      {result !== undefined && (
        <div class={found.loading ? 'stale' : undefined}>
          <p class="muted small" role="status">
            {formatCount(rows.length)} {rows.length === 1 ? 'row' : 'rows'}
            {result.more ? ' and more: narrow them by a filter' : ''}
            {result.publishedAt !== null && ` · version ${result.version}, published ${formatTime(result.publishedAt)}`}
          </p>
          {drawn !== undefined && placeColumns(rows).length > 1 && (
            <InsightMap
              title={title}
              rows={rows}
              measure={drawn}
              weight={measures.includes('flights') ? 'flights' : undefined}
              selected={chosen}
              onSelect={(row) => setSelected(keyOf(row))}
            />
          )}
          {chosen !== undefined && (
            <RowDetail row={chosen} keyColumns={entry.key} onClose={() => setSelected(undefined)} />
          )}
          {drawn !== undefined && rows.length > 0 && (
            <ChartFigure title={humanize(drawn)} measure={drawn} chart={chooseChart(rows, entry.key, drawn)} />
          )}
          <InsightTable
            title={title}
            rows={rows}
            keyColumns={entry.key}
            keyOf={keyOf}
            selected={selected}
            onSelect={setSelected}
          />
        </div>
      )}
    </article>
  );
}
