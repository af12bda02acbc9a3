import { type GeoProjection, geoConicEqualArea } from 'd3-geo';
import type { Place, Route } from './places.ts';

/** Every place once; a hub is where several routes begin. */
export function placesOf(routes: readonly Route[]): readonly (Place & { readonly hub: boolean })[] {
  const beginnings = new Map<string, number>();
  for (const { from } of routes) beginnings.set(from.name, (beginnings.get(from.name) ?? 0) + 1);
  const places = new Map(routes.flatMap(({ from, to }) => [from, to]).map((place) => [place.name, place]));
  return [...places.values()].map((place) => ({ ...place, hub: (beginnings.get(place.name) ?? 0) > 1 }));
}

/** A projection that shows all places at a size, true in area, turned to where they are. */
export function projectionFor(places: readonly Place[], width: number, height: number): GeoProjection {
  const lats = places.map(({ lat }) => lat);
  const lons = places.map(({ lon }) => lon);
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const middle = (Math.min(...lons) + Math.max(...lons)) / 2;
  // A cone's two standard parallels must not mirror each other: around the equator it would be a flat disk.
  const third = (north - south) / 6;
  const parallels: [number, number] = [south + third, north - third];
  if (Math.abs(parallels[0] + parallels[1]) < 4) parallels[1] += 8;
  const coordinates = places.map(({ lon, lat }): [number, number] => [lon, lat]);
  return geoConicEqualArea()
    .parallels(parallels)
    .rotate([-middle, 0])
    .fitExtent(
      [
        [18, 18],
        [width - 18, height - 18],
      ],
      { type: 'MultiPoint', coordinates },
    );
}

/** The great circle of a route: d3 draws a line between two points as one. */
export function arcOf({ from, to }: Route): { type: 'LineString'; coordinates: [number, number][] } {
  return {
    type: 'LineString',
    coordinates: [
      [from.lon, from.lat],
      [to.lon, to.lat],
    ],
  };
}

/** Five steps with as many values in each: where most values lie, small differences show. */
export interface Steps {
  of(value: number): number;
  /** Where steps begin, and where the last ends. */
  readonly limits: readonly number[];
}

const STEPS = 5;

export function stepsOf(values: readonly number[]): Steps {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  const limits = Array.from(
    { length: STEPS + 1 },
    (_, index) => sorted[Math.round((index * (sorted.length - 1)) / STEPS)] ?? 0,
  );
  return {
    limits,
    of: (value) => Math.max(0, limits.slice(1, STEPS).filter((limit) => value >= limit).length),
  };
}
