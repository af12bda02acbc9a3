import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDatasets } from '../../../src/shared/contracts/load-datasets.ts';
import { amountsQuery, rowsQuery } from '../../../src/shared/explain/explain-query.ts';
import { parseExplainRequest } from '../../../src/shared/explain/parse-request.ts';
import { readOnlyStatement } from '../../../src/shared/sql/read-only.ts';

const datasets = loadDatasets(join(process.cwd(), 'datasets'));
const ASKED = {
  dataset: 'flights',
  insight: 'carrier-punctuality',
  measure: 'avg_arr_delay',
  from: { month: 1 },
  to: { month: [2, 3] },
};
const SOURCES = { catalog: 'main', versions: new Map([['flights', 7]]), histories: new Set<string>() };

describe('the body of POST /api/explain', () => {
  test('splits over the text columns of the insights unless told, without those that tell the periods apart', () => {
    const names = (body: object) =>
      parseExplainRequest({ ...ASKED, ...body }, datasets).dimensions.map(({ name }) => name);
    expect(names({})).toEqual(['origin', 'dest', 'carrier', 'manufacturer', 'model']);
    expect(names({ filters: { origin: 'JFK' } })).not.toContain('origin');
    expect(names({ dimensions: ['hour', 'visib'] })).toEqual(['hour', 'visib']);
  });

  test.each([
    [{ insight: 'x' }, 'GET /api/insights'],
    [{ measure: 'carrier_name' }, 'This insight has flights, operated'],
    [{ from: { mnth: 1 } }, "there is no column 'mnth'"],
    [{ from: { month: 'January' } }, 'from.month must be of type int'],
    [{ from: { flight_date: { from: '2013-01-01', until: '2013-02-01' } } }, 'range'],
    [{ to: undefined }, 'to must be an object'],
    [{ top: 0 }, 'top must be a whole number'],
    [{ dimensions: [] }, '1 to 8 columns'],
    [{ dimension: ['x'] }, 'Unknown field dimension'],
  ])('is refused when it has %j', (fields, reason) => {
    expect(() => parseExplainRequest({ ...ASKED, ...fields }, datasets)).toThrow(reason);
  });
});

describe('the queries of an explanation', () => {
  test('bind every value, read published versions, and join only what is named', () => {
    const request = parseExplainRequest({ ...ASKED, filters: { origin: "O'Hare" }, dimensions: ['carrier'] }, datasets);
    const { statement, parameters } = amountsQuery(request, SOURCES);
    expect(statement).toContain('main.silver.flights VERSION AS OF 7');
    expect(statement).not.toMatch(/O'Hare|JOIN/);
    expect(parameters).toContainEqual({ name: 'from_0', value: "O'Hare", type: 'STRING' });
    expect(parameters).toHaveLength(5);
    const joined = amountsQuery(
      { ...request, dimensions: [...request.columns.values()].filter(({ name }) => name === 'seats') },
      SOURCES,
    );
    expect(joined.statement.match(/LEFT JOIN main.silver.planes/g)).toHaveLength(2);
  });

  test('join the version that holds, where a reference keeps them all', () => {
    const request = parseExplainRequest({ ...ASKED, dimensions: ['carrier'] }, datasets);
    const asked = { ...request, dimensions: [...request.columns.values()].filter(({ name }) => name === 'seats') };
    const sources = { ...SOURCES, histories: new Set(['planes']) };
    expect(amountsQuery(asked, sources).statement).toContain('`tailnum` AND reference_1.is_current');
    const { dataset } = request;
    const combine = dataset.contract.combine?.map((item) =>
      item.dataset === 'planes' ? { ...item, as_of: 'time_hour' } : item,
    );
    const columns = new Map(
      [...request.columns].map(([name, column]) => [
        name,
        column.combine?.dataset === 'planes'
          ? { ...column, combine: combine?.find((item) => item.dataset === 'planes') ?? column.combine }
          : column,
      ]),
    );
    const asOf = {
      ...asked,
      columns,
      dataset: { ...dataset, contract: { ...dataset.contract, ...(combine === undefined ? {} : { combine }) } },
    };
    expect(amountsQuery(asOf, sources).statement).toContain(
      'CAST(main_rows.`time_hour` AS TIMESTAMP) >= reference_1.valid_from AND CAST(main_rows.`time_hour` AS TIMESTAMP) < reference_1.valid_to',
    );
  });

  test('of source rows are accepted by POST /api/sql', () => {
    const request = parseExplainRequest(ASKED, datasets);
    const { statement } = rowsQuery(request, SOURCES, 'manufacturer', 'to');
    expect(readOnlyStatement(statement)).toBe(statement);
    expect(statement).toMatch(
      /`_file`, `_line`, `_batch`, `carrier`, `flight`, `origin`, `time_hour`, `arr_delay`, `manufacturer`/,
    );
  });
});
