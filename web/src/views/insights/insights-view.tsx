import type { JSX } from 'preact';
import { explainError } from '../../api/api-problem.ts';
import { getKept } from '../../api/last-insights.ts';
import type { InsightEntry } from '../../api/types.ts';
import { Icon } from '../../components/icon.tsx';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { useMedia } from '../../components/use-media.ts';
import { formatCount, formatTime, humanize } from '../../format.ts';
import { Link } from '../../routing/link.tsx';
import { InsightDetail } from './insight-detail.tsx';
import { OfflineMark } from './offline-mark.tsx';

/** Insights: what there is, and one of them. On narrow screens one after the other. */
export default function InsightsView({ route }: { readonly route: readonly string[] }): JSX.Element {
  const [dataset, insight] = route;
  const list = useLoaded('insights', () => getKept<{ readonly insights: readonly InsightEntry[] }>('/api/insights'));
  const entries = list.value?.value.insights ?? [];
  const chosen = entries.find((entry) => entry.dataset === dataset && entry.insight === insight);
  // Where there is room for both, the first one is open from the start.
  const wide = useMedia('(min-width: 75rem)');
  const shown = chosen ?? (dataset === undefined && wide ? entries[0] : undefined);
  return (
    <div class={`split ${dataset === undefined ? 'split-list' : 'split-detail'}`}>
      <h1>Insights</h1>
      <div class="split-master">
        <OfflineMark keptAt={list.value?.keptAt} />
        {list.error !== undefined && <Notice kind="error">{explainError(list.error)}</Notice>}
        {list.loading && list.value === undefined && <Loading what="insights" />}
        {list.value !== undefined && entries.length === 0 && <p class="empty">No dataset has insights yet.</p>}
        <Entries entries={entries} chosen={shown} />
      </div>
      <div class="split-main">
        {shown !== undefined && <InsightDetail key={shown.href} entry={shown} />}
        {list.value !== undefined && dataset !== undefined && shown === undefined && (
          <Notice kind="warning">
            There is no insight “{insight}” of {dataset}. <Link to="insights">See those that there are.</Link>
          </Notice>
        )}
      </div>
    </div>
  );
}

interface EntriesProps {
  readonly entries: readonly InsightEntry[];
  readonly chosen: InsightEntry | undefined;
}

function Entries({ entries, chosen }: EntriesProps): JSX.Element {
  const datasets = [...Map.groupBy(entries, ({ dataset }) => dataset)];
  return (
    <>
      {datasets.map(([dataset, of]) => (
        <section key={dataset} aria-labelledby={`dataset-${dataset}`}>
          <h2 class="eyebrow" id={`dataset-${dataset}`}>
            {humanize(dataset)}
          </h2>
          <ul class="cards">
            {of.map((entry) => (
              <li key={entry.insight}>
                <Link to={`insights/${entry.dataset}/${entry.insight}`} class="card" current={entry === chosen}>
                  <span class="card-title">{humanize(entry.insight)}</span>
                  <span class="card-text">{entry.description}</span>
                  <span class="card-foot">
                    {entry.publishedAt === null
                      ? 'Nothing published yet'
                      : `${formatCount(entry.rows)} rows · version ${entry.version} · ${formatTime(entry.publishedAt)}`}
                  </span>
                  <Icon name="chevron" />
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
