import { geoPath } from 'd3-geo';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import countries from 'world-atlas/countries-110m.json';
import { useWidth } from '../charts/use-width.ts';
import { formatTick, formatValue, humanize } from '../format.ts';
import { arcOf, placesOf, projectionFor, type Steps, stepsOf } from './map-geometry.ts';
import type { Route } from './places.ts';

const WORLD = countries as unknown as Topology<{ countries: GeometryCollection; land: GeometryCollection }>;
const LAND = feature(WORLD, WORLD.objects.land);
const BORDERS = mesh(WORLD, WORLD.objects.countries, (a, b) => a !== b);

interface RouteMapProps {
  readonly title: string;
  readonly routes: readonly Route[];
  readonly measure: string;
  /** The column that makes a line wide. */
  readonly weight?: string | undefined;
  readonly selected?: Route | undefined;
  readonly onSelect: (route: Route) => void;
}

/**
 * Routes as great circles between their places, coloured by a measure, over the outlines of countries (Natural Earth).
 * Everything is in the app: no tiles are asked of anybody.
 */
export default function RouteMap({ title, routes, measure, weight, selected, onSelect }: RouteMapProps): JSX.Element {
  const [element, width] = useWidth(640);
  const height = Math.round(Math.min(540, Math.max(250, width * 0.6)));
  const places = useMemo(() => placesOf(routes), [routes]);
  const projection = useMemo(() => projectionFor(places, width, height), [places, width, height]);
  const path = useMemo(() => geoPath(projection), [projection]);
  const steps = useMemo(() => stepsOf(routes.map(({ row }) => Number(row[measure]))), [routes, measure]);
  const widest = Math.max(1, ...routes.map(({ row }) => Number(row[weight ?? ''] ?? 1)));
  const widthOf = ({ row }: Route): number =>
    weight === undefined ? 1.5 : 0.7 + 2.3 * Math.sqrt(Number(row[weight] ?? 0) / widest);
  const drawn = routes.toSorted((a, b) => Number(a.row[measure] ?? 0) - Number(b.row[measure] ?? 0));
  return (
    <div>
      <div class="chart map" ref={element} style={{ height: `${height}px` }}>
        <svg width={width} height={height} role="img" aria-label={describe(title, routes, measure)}>
          <path class="land" d={path(LAND) ?? ''} />
          <path class="border" d={path(BORDERS) ?? ''} />
          {drawn.map((route) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the rows below select the same by keyboard
            <path
              key={`${route.from.name} ${route.to.name}`}
              class={`arc step-${steps.of(Number(route.row[measure]))}`}
              d={path(arcOf(route)) ?? ''}
              style={{ strokeWidth: `${widthOf(route).toFixed(2)}px` }}
              onClick={() => onSelect(route)}
            >
              <title>{`${route.from.name} → ${route.to.name}: ${formatValue(route.row[measure], measure)}`}</title>
            </path>
          ))}
          {selected !== undefined && <path class="arc selected" d={path(arcOf(selected)) ?? ''} />}
          {places.map(({ name, lon, lat, hub }) => {
            const [x, y] = projection([lon, lat]) ?? [0, 0];
            return (
              <circle key={name} class={hub ? 'place hub' : 'place'} cx={x} cy={y} r={hub ? 4 : 2.2}>
                <title>{name}</title>
              </circle>
            );
          })}
        </svg>
      </div>
      <Legend measure={measure} steps={steps} />
      {weight !== undefined && <p class="muted small">The wider a line, the more {humanize(weight).toLowerCase()}.</p>}
    </div>
  );
}

function Legend({ measure, steps }: { readonly measure: string; readonly steps: Steps }): JSX.Element {
  const { limits } = steps;
  return (
    <ul class="legend" aria-label={`Colours: ${humanize(measure)}`}>
      {limits.slice(1).map((limit, index) => (
        <li key={limit}>
          <svg width="22" height="8" aria-hidden="true">
            <line class={`arc step-${index}`} x1="0" x2="22" y1="4" y2="4" />
          </svg>
          {formatTick(limits[index] ?? 0, measure)} – {formatTick(limit, measure)}
        </li>
      ))}
    </ul>
  );
}

function describe(title: string, routes: readonly Route[], measure: string): string {
  const [most] = routes.toSorted((a, b) => Number(b.row[measure] ?? 0) - Number(a.row[measure] ?? 0));
  const highest =
    most === undefined
      ? ''
      : ` Highest: ${most.from.name} to ${most.to.name}, ${formatValue(most.row[measure], measure)}.`;
  return `${title}: ${routes.length} routes, coloured by ${humanize(measure).toLowerCase()}.${highest}`;
}
