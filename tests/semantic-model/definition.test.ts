import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  loadDefinition,
  type MetricQuery,
  parseDefinition,
  toDax,
  toDaxQuery,
  toSqlQuery,
} from '../../semantic-model/index.ts';

const YAML = readFileSync(join(import.meta.dirname, '..', '..', 'semantic-model', 'definition.yaml'), 'utf8');
const definition = loadDefinition();
const carrier = { table: 'Carrier', column: 'Carrier' };
const seats = { table: 'Plane', column: 'Seats' };

describe('a definition', () => {
  test.each([
    ['type: boolean', 'type: flag', 'tables[0].columns[8].type: one of string, int64'],
    ['sort_by: Month No', 'sort_by: Month Number', "table Date: has no column 'Month Number'"],
    ['to: "Date[Date]"', 'to: "Date[Year]"', 'Flights[Date]: relates dateTime to int64'],
    ['to: "Plane[Tail Number]"', 'to: "Plane[Model]"', 'Plane[Model]: needs `key: true`'],
    ['ratio: [Cancelled, Flights]', 'ratio: [Cancelled, Flight]', 'Flight: there is no such measure'],
    ['ratio: [Cancelled, Flights]', 'ratio: [Cancellation Rate, Flights]', 'Cancellation Rate: is made of itself'],
    ['ratio: [Cancelled, Flights]', 'ratio: [Cancelled]', 'two measures are expected'],
    ['average: "Flights[Late Risk]"', 'average: "Flights[Risk]"', 'Flights[Risk]: there is no such column'],
    ['average: "Flights[Late Risk]"', 'average: "Plane[Seats]"', 'can use columns of Flights'],
    ['average: "Flights[Late Risk]"', 'mean: "Flights[Late Risk]"', 'measures[9].mean: unknown'],
    ['above: 15', 'over: 15', 'where[0].over: unknown'],
    ['- name: Aircraft', '- name: Diverted', "measures: 'Diverted' stands twice"],
    ['- name: Aircraft', '- name: Distance', 'measure Distance: Flights has such a column'],
    ['slicer: "Carrier[Carrier]"', 'slicer: "Carrier"', 'a column is written Table[Column]'],
    ['kind: fact', 'kind: date', 'exactly one needs `kind: fact`'],
  ])('is refused with its place when %s becomes %s', (from, to, message) => {
    expect(YAML).toContain(from);
    expect(() => parseDefinition(YAML.replace(from, to))).toThrow(message);
  });
});

describe('measures in DAX', () => {
  test.each([
    ['Flights', 'COUNTROWS(Flights)'],
    ['Late Flights', 'CALCULATE(COUNTROWS(Flights), KEEPFILTERS(Flights[Arrival Delay] > 15))'],
    ['Aircraft', 'DISTINCTCOUNTNOBLANK(Flights[Tail Number])'],
    ['Late Share', 'DIVIDE([Late Flights], [Completed])'],
    ['Share of Carriers', 'DIVIDE([Flights], CALCULATE([Flights], REMOVEFILTERS(Carrier)))'],
  ])('%s is %s', (name, dax) => {
    const measure = definition.measures.find((one) => one.name === name);
    expect(measure && toDax(definition, measure.formula)).toBe(dax);
  });
});

describe('a question', () => {
  const query: MetricQuery = {
    measures: ['Cancelled'],
    by: [carrier],
    filters: [
      { column: carrier, values: ['O"Hare\'s', null] },
      { column: seats, operator: 'below', value: 100 },
      { column: { table: 'Date', column: 'Date' }, operator: 'from', value: '2013-02-01' },
    ],
  };

  test('becomes DAX with its texts escaped', () => {
    expect(toDaxQuery(definition, query)).toBe(`EVALUATE
SUMMARIZECOLUMNS(
  Carrier[Carrier],
  TREATAS({"O""Hare's", BLANK()}, Carrier[Carrier]),
  FILTER(ALL(Plane[Seats]), Plane[Seats] < 100),
  FILTER(ALL('Date'[Date]), 'Date'[Date] >= DATE(2013, 2, 1)),
  "Cancelled", [Cancelled]
)
ORDER BY Carrier[Carrier]`);
  });

  test('becomes SQL in which a blank counts as DAX counts it, and joins lose no flight', () => {
    expect(toSqlQuery(definition, query)).toBe(`WITH base AS (
SELECT d1."name" AS k1, NULLIF(COUNT(CASE WHEN f."status" = 'cancelled' THEN 1 END), 0) AS m1
FROM dw.fact_flight f
LEFT JOIN dw.dim_carrier d1 ON f."carrier" = d1."carrier"
LEFT JOIN dw.dim_plane_current d2 ON f."tailnum" = d2."tailnum"
LEFT JOIN dw.dim_date d3 ON f."flight_date" = d3."calendar_date"
WHERE (d1."name" IN ('O"Hare''s') OR d1."name" IS NULL) AND COALESCE(d2."seats", 0) < 100 AND d3."calendar_date" >= '2013-02-01'
GROUP BY d1."name"
)
SELECT
  b.k1 AS "Carrier[Carrier]",
  b.m1 AS "[Cancelled]"
FROM base b
WHERE b.m1 IS NOT NULL`);
  });

  test.each([
    [{ measures: [] }, 'at least one measure'],
    [{ measures: ['Nothing'] }, 'there is no such measure; known are Flights'],
    [{ by: [{ table: 'Carrier', column: 'Name' }] }, 'there is no such column'],
    [{ by: [carrier, carrier] }, "'Carrier[Carrier]' stands twice"],
    [{ filters: [{ column: seats, values: ['many'] }] }, 'Plane[Seats]: "many" is not of type int64'],
    [{ filters: [{ column: seats, values: [] }] }, 'a filter needs a value'],
    [{ filters: [{ column: seats, operator: 'above', value: Number.NaN }] }, 'NaN is not of type int64'],
    [{ filters: [{ column: { table: 'Date', column: 'Date' }, values: ['2013-02-30'] }] }, 'is not a day, yyyy-mm-dd'],
  ] as readonly (readonly [Partial<MetricQuery>, string])[])('is refused when it is %j', (change, message) => {
    expect(() => toDaxQuery(definition, { ...query, ...change })).toThrow(message);
    expect(() => toSqlQuery(definition, { ...query, ...change })).toThrow(message);
  });
});
