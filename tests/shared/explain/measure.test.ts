import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDatasets } from '../../../src/shared/contracts/load-datasets.ts';
import { explainableMeasures } from '../../../src/shared/explain/measure.ts';

const measuresOf = (sql: string) =>
  Object.fromEntries(explainableMeasures(sql, 't').map(({ name, ...rest }) => [name, rest]));

describe('the measures that can be explained', () => {
  test('are sums, counts and ratios of them, whatever is wrapped around', () => {
    expect(
      measuresOf(`-- all of it
        SELECT day, COUNT(*) AS n, sum(a + b) AS s, (CAST(SUM(a) AS DOUBLE) / NULLIF(COUNT(a), 0)) AS mean,
          SUM(CASE WHEN x >= 1.5 THEN 1 ELSE 0 END) /* part */ / COUNT(*) AS share
        FROM t WHERE ok GROUP BY day`),
    ).toEqual({
      n: { numerator: 'COUNT(*)', where: 'ok' },
      s: { numerator: 'sum(a + b)', where: 'ok' },
      mean: { numerator: 'SUM(a)', denominator: 'COUNT(a)', where: 'ok' },
      share: { numerator: 'SUM(CASE WHEN x >= 1.5 THEN 1 ELSE 0 END)', denominator: 'COUNT(*)', where: 'ok' },
    });
  });

  test('are found through named queries', () => {
    expect(
      measuresOf(`WITH hours AS (SELECT h, SUM(a) AS part, COUNT(a) AS n, MAX(a) AS top FROM t GROUP BY h)
        SELECT SUM(part) / SUM(n) AS mean, SUM(top) AS tops, hours.n AS counted FROM hours`),
    ).toEqual({
      mean: { numerator: 'SUM(a)', denominator: 'COUNT(a)' },
      counted: { numerator: 'COUNT(a)' },
    });
  });

  test.each([
    'SELECT MAX(a) AS m FROM t',
    'SELECT COUNT(DISTINCT a) AS m FROM t',
    'SELECT AVG(a) AS m FROM t',
    'SELECT SUM(a) / COUNT(a) / 60 AS m FROM t',
    'SELECT SUM(a) AS m FROM t GROUP BY b HAVING COUNT(*) > 5',
    'SELECT SUM(a) AS m FROM t LIMIT 5',
    'SELECT SUM(a) AS m FROM t UNION ALL SELECT 1 FROM t',
    'SELECT SUM(a) AS m FROM t JOIN u ON t.a = u.a',
    'SELECT SUM(a) OVER (ORDER BY b) AS m FROM t',
  ])('are not those that do not add up over groups: %s', (sql) => {
    expect(explainableMeasures(sql, 't')).toEqual([]);
  });

  test('are there in every insight of the flights', () => {
    const flights = loadDatasets(join(process.cwd(), 'datasets')).get('flights');
    const names = Object.entries(flights?.statements ?? {}).map(([insight, sql]) => [
      insight,
      explainableMeasures(sql, 'flights').map(({ name }) => name),
    ]);
    expect(Object.fromEntries(names)).toMatchObject({
      'carrier-punctuality': expect.arrayContaining(['flights', 'cancelled', 'avg_arr_delay', 'late_15_share']),
      'airport-day': expect.arrayContaining(['flights', 'avg_dep_delay']),
      'route-risk': expect.arrayContaining(['risk', 'late_share']),
    });
  });
});
