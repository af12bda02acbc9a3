import { describe, expect, test } from '@jest/globals';
import { chooseChart, columnRoles } from '../../web/src/charts/choose-chart.ts';
import { niceTicks } from '../../web/src/charts/scale.ts';

const MONTHS = [
  { carrier: 'UA', year: 2013, month: 2, flights: 30, share: 0.2 },
  { carrier: 'UA', year: 2013, month: 1, flights: 10, share: 0.1 },
  { carrier: 'AA', year: 2013, month: 1, flights: 50, share: null },
];

describe('the choice of a chart', () => {
  test('tells measures from what tells rows apart, and leaves places and times out', () => {
    const rows = [{ origin: 'JFK', origin_lat: 40.6, origin_lon: -73.8, year: 2013, month: 1, flights: 3, hours: [] }];
    expect(columnRoles(rows, ['origin', 'year', 'month'])).toEqual({
      measures: ['flights'],
      dimensions: ['origin'],
      time: ['year', 'month'],
    });
  });

  test('draws a line for each value of the key over time, in order, those of most weight first', () => {
    expect(chooseChart(MONTHS, ['carrier', 'year', 'month'], 'flights')).toEqual({
      kind: 'lines',
      left: 0,
      lines: [
        { name: 'AA', points: [{ at: '2013-01', value: 50 }] },
        {
          name: 'UA',
          points: [
            { at: '2013-01', value: 10 },
            { at: '2013-02', value: 30 },
          ],
        },
      ],
    });
  });

  test('draws bars, the largest first, where there is one point in time only, and says how many are left out', () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({
      carrier: `C${index}`,
      year: 2013,
      month: 1,
      flights: index,
    }));
    const chart = chooseChart(rows, ['carrier', 'year', 'month'], 'flights');
    expect(chart).toMatchObject({ kind: 'bars', left: 4, bars: expect.any(Array) });
    expect(chart.kind === 'bars' && chart.bars[0]).toEqual({ label: 'C19', value: 19 });
  });

  test('leaves rows without the value away', () => {
    expect(chooseChart(MONTHS.slice(1), ['carrier'], 'share')).toMatchObject({ bars: [{ label: 'UA', value: 0.1 }] });
  });

  test.each([
    [
      [0, 8983],
      [0, 2000, 4000, 6000, 8000, 10000],
    ],
    [
      [-14.1, 26],
      [-20, -10, 0, 10, 20, 30],
    ],
    [
      [0.1, 0.61],
      [0, 0.2, 0.4, 0.6, 0.8],
    ],
    [[0], [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ])('round numbers cover %j', (values, ticks) => {
    expect(niceTicks(values)).toEqual(ticks);
  });
});
