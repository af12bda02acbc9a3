import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Row } from '../../api/types.ts';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { useModule } from '../../components/use-module.ts';
import { humanize } from '../../format.ts';
import { routesOf } from '../../map/places.ts';

interface InsightMapProps {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly measure: string;
  readonly weight: string | undefined;
  readonly selected: Row | undefined;
  readonly onSelect: (row: Row) => void;
}

/** The map and the outlines of countries are fetched with the first insight that has routes. */
const loadMap = (): Promise<typeof import('../../map/route-map.tsx')> => import('../../map/route-map.tsx');

/** Rows with two places as routes on a map; what is on it is in the rows below, too. */
export function InsightMap({ title, rows, measure, weight, selected, onSelect }: InsightMapProps): JSX.Element | null {
  const { module: RouteMap, failed } = useModule(loadMap);
  const routes = useMemo(() => routesOf(rows), [rows]);
  if (routes.length === 0) return null;
  const withoutPlace = rows.length - routes.length;
  return (
    <figure class="figure">
      <figcaption>
        <strong>Map of routes</strong>
        <span class="muted">
          {' '}
          by {humanize(measure).toLowerCase()}
          {withoutPlace > 0 && `; ${withoutPlace} without coordinates`}
        </span>
      </figcaption>
      {failed && <Notice kind="warning">The map could not be loaded.</Notice>}
      {RouteMap === undefined && !failed && <Loading what="the map" lines={14} />}
      {RouteMap !== undefined && (
        <RouteMap
          title={title}
          routes={routes}
          measure={measure}
          weight={weight}
          selected={routes.find(({ row }) => row === selected)}
          onSelect={({ row }) => onSelect(row)}
        />
      )}
    </figure>
  );
}
