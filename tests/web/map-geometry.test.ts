import { describe, expect, test } from '@jest/globals';
import { placesOf, projectionFor, stepsOf } from '../../web/src/map/map-geometry.ts';
import { placeColumns, routesOf } from '../../web/src/map/places.ts';

const ROWS = [
  { dest: 'LAX', dest_lat: 33.9, dest_lon: -118.4, origin: 'JFK', origin_lat: 40.6, origin_lon: -73.8 },
  { dest: 'ALB', dest_lat: 42.7, dest_lon: -73.8, origin: 'JFK', origin_lat: 40.6, origin_lon: -73.8 },
  { dest: 'SJU', dest_lat: null, dest_lon: null, origin: 'JFK', origin_lat: 40.6, origin_lon: -73.8 },
];

describe('the map of routes', () => {
  test('takes rows with two places, from the origin on; those without coordinates are left out', () => {
    expect(placeColumns(ROWS)).toEqual(['dest', 'origin']);
    expect(routesOf(ROWS).map(({ from, to }) => `${from.name} ${to.name}`)).toEqual(['JFK LAX', 'JFK ALB']);
    expect(routesOf([{ origin: 'JFK', flights: 1 }])).toEqual([]);
  });

  test('knows the hubs, and shows every place within its frame', () => {
    const places = placesOf(routesOf(ROWS));
    expect(places.map(({ name, hub }) => [name, hub])).toEqual([
      ['JFK', true],
      ['LAX', false],
      ['ALB', false],
    ]);
    const project = projectionFor(places, 640, 400);
    for (const { lon, lat } of places) {
      const [x = -1, y = -1] = project([lon, lat]) ?? [];
      expect(x).toBeGreaterThanOrEqual(17.9);
      expect(x).toBeLessThanOrEqual(622.1);
      expect(y).toBeGreaterThanOrEqual(17.9);
      expect(y).toBeLessThanOrEqual(382.1);
    }
  });

  test('colours in five steps of as many values each', () => {
    const steps = stepsOf([5, 1, 2, 3, 4, 0, Number.NaN]);
    expect(steps.limits).toEqual([0, 1, 2, 3, 4, 5]);
    expect([0, 1, 2.5, 5].map(steps.of)).toEqual([0, 1, 2, 4]);
  });
});
