import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiFile } from '../../scripts/api-client.ts';
import { landFile, landFolder } from '../../scripts/demo/land-files.ts';
import { booksOf } from '../../scripts/demo/report.ts';
import { balances } from '../../src/shared/ledger/file-record.ts';
import { digest, queryWarehouse } from './support/digest.ts';
import { queryRawFiles } from './support/raw-query.ts';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';

const FEBRUARY = 'flights/2013-02.csv';

describe('twelve months of flights landed at once', () => {
  let stack: TestStack;
  let landed: ReadonlyMap<string, string>;
  let files: readonly ApiFile[];

  beforeAll(async () => {
    stack = await startTestStack();
    await stack.landReference();
    landed = await landFolder(stack.blobs, FLIGHTS, 'flights');
    files = await stack.follow(landed);
  });
  afterAll(() => stack.dispose());

  test('are all read, and the books of every file balance', () => {
    expect(files).toHaveLength(12);
    for (const file of files)
      expect({
        path: file.path,
        status: file.status,
        reason: file.reason,
        balanced: balances(file.rows as never),
      }).toEqual({
        path: file.path,
        status: 'published',
        balanced: true,
      });
    expect(booksOf(files)).toEqual({ read: 336_776, loaded: 336_776, quarantined: 0, duplicates: 0, superseded: 0 });
  });

  test('take at most three cleansing runs', async () => {
    const runs = await stack.runs('flights');
    expect(runs.filter((run) => run.steps.cleanse !== undefined).length).toBeLessThanOrEqual(3);
  });

  test('give the punctuality of carriers that a query on the raw files gives', async () => {
    const expected = await queryRawFiles(`
      SELECT f.carrier, f.year, f.month, max(a.name) AS carrier_name, count(*) AS flights,
        count(*) FILTER (dep_time IS NOT NULL AND arr_delay IS NOT NULL) AS operated,
        count(*) FILTER (dep_time IS NULL) AS cancelled,
        count(*) FILTER (dep_time IS NOT NULL AND arr_delay IS NULL) AS diverted,
        sum(dep_delay)::DOUBLE / count(dep_delay) AS avg_dep_delay,
        sum(arr_delay)::DOUBLE / count(arr_delay) AS avg_arr_delay,
        count(*) FILTER (arr_delay > 15)::DOUBLE / count(arr_delay) AS late_15_share
      FROM flights f LEFT JOIN airlines a USING (carrier) GROUP BY ALL ORDER BY carrier, year, month`);
    const served = await stack.client.all<Record<string, unknown>>('/insights/flights/carrier-punctuality');
    expect(expected).toHaveLength(185);
    expect(sorted(served, ['carrier', 'year', 'month'])).toEqual(expected);
  });

  test('give the days of airports that a query on the raw files gives', async () => {
    const expected = await queryRawFiles(`
      WITH hours AS (
        SELECT DISTINCT f.origin, make_date(f.year, f.month, f.day) AS flight_date, f.time_hour, w.temp, w.wind_speed, w.precip, w.visib
        FROM flights f LEFT JOIN weather w ON w.origin = f.origin AND w.time_hour = f.time_hour
      ), weather_of_day AS (
        SELECT origin, flight_date, sum(temp::DECIMAL(18,6))::DOUBLE / count(temp) AS avg_temp,
          sum(wind_speed::DECIMAL(18,6))::DOUBLE / count(wind_speed) AS avg_wind_speed,
          sum(precip::DECIMAL(18,6))::DOUBLE AS total_precip, min(visib)::DOUBLE AS min_visib
        FROM hours GROUP BY ALL
      )
      SELECT f.origin, make_date(f.year, f.month, f.day) AS flight_date, f.year, f.month, count(*) AS flights,
        count(*) FILTER (dep_time IS NULL) AS cancelled,
        sum(dep_delay)::DOUBLE / count(dep_delay) AS avg_dep_delay, sum(arr_delay)::DOUBLE / count(arr_delay) AS avg_arr_delay,
        max(dep_delay) AS max_dep_delay, any_value(avg_temp) AS avg_temp, any_value(avg_wind_speed) AS avg_wind_speed,
        any_value(total_precip) AS total_precip, any_value(min_visib) AS min_visib
      FROM flights f JOIN weather_of_day d ON d.origin = f.origin AND d.flight_date = make_date(f.year, f.month, f.day)
      GROUP BY f.origin, f.year, f.month, f.day ORDER BY 1, 2`);
    const served = await stack.client.all<Record<string, unknown>>('/insights/flights/airport-day');
    expect(expected).toHaveLength(1095);
    expect(sorted(served, ['origin', 'flight_date'])).toEqual(expected);
  });

  test('give the punctuality of aircraft that a query on the raw files gives', async () => {
    const expected = await queryRawFiles(`
      SELECT coalesce(p.manufacturer, '(unknown)') AS manufacturer, coalesce(p.model, '(unknown)') AS model, count(*) AS flights,
        count(DISTINCT f.tailnum) AS aircraft, sum(p.seats)::DOUBLE / nullif(count(p.seats), 0) AS avg_seats,
        sum(dep_delay)::DOUBLE / nullif(count(dep_delay), 0) AS avg_dep_delay,
        sum(arr_delay)::DOUBLE / nullif(count(arr_delay), 0) AS avg_arr_delay,
        count(*) FILTER (dep_time IS NULL)::DOUBLE / count(*) AS cancelled_share
      FROM flights f LEFT JOIN planes p USING (tailnum) GROUP BY ALL ORDER BY 1, 2`);
    const served = await stack.client.all<Record<string, unknown>>('/insights/flights/aircraft-punctuality');
    expect(sorted(served, ['manufacturer', 'model'])).toEqual(sorted(expected, ['manufacturer', 'model']));
  });

  test('are in the warehouse with the same sums, each row with its file and line', async () => {
    const [fact] = await queryWarehouse(
      stack.settings,
      'SELECT COUNT(*) AS flights, SUM(CAST(arr_delay AS BIGINT)) AS arr_delay, COUNT(late_risk) AS scored, COUNT(DISTINCT _file) AS files, MIN(_line) AS first_line FROM dw.fact_flight',
    );
    const [raw] = await queryRawFiles('SELECT count(*) AS flights, sum(arr_delay) AS arr_delay FROM flights');
    expect({ ...fact, arr_delay: Number(fact?.arr_delay) }).toEqual({
      ...raw,
      scored: 336_776,
      files: 12,
      first_line: 2,
    });
  });

  test('join to the dimensions of the star schema', async () => {
    const [row] = await queryWarehouse(
      stack.settings,
      `SELECT COUNT(*) AS flights FROM dw.fact_flight f JOIN dw.dim_date d ON d.date_key = f.date_key
       JOIN dw.dim_carrier c ON c.carrier = f.carrier JOIN dw.dim_airport o ON o.faa = f.origin`,
    );
    expect(row).toEqual({ flights: 336_776 });
  });

  test('are served by filter, page by page, and not at all again while nothing changes', async () => {
    const all = await stack.client.all<Record<string, unknown>>('/insights/flights/route-risk');
    expect(all).toHaveLength(224);
    const jfk = await stack.client.get<{ items: { origin: string }[]; next: string | null }>(
      '/insights/flights/route-risk?origin=JFK&limit=5',
    );
    expect(jfk.items.map(({ origin }) => origin)).toEqual(['JFK', 'JFK', 'JFK', 'JFK', 'JFK']);
    expect(jfk.next).not.toBeNull();
    const url = `${stack.api.url}/insights/flights/route-risk?origin=JFK&dest=ATL`;
    const first = await fetch(url, { headers: { 'x-functions-key': stack.api.key } });
    const again = await fetch(url, {
      headers: { 'x-functions-key': stack.api.key, 'if-none-match': first.headers.get('etag') ?? '' },
    });
    expect([first.status, again.status]).toEqual([200, 304]);
    expect((await fetch(url)).status).toBe(401);
  });

  test('change nothing and start no Databricks run when one of them lands again', async () => {
    const before = await digest(stack);
    const runs = (await stack.databricksRuns()).length;
    const [again] = await stack.land({ [FEBRUARY]: join(FLIGHTS, '2013-02.csv') });
    expect(again).toMatchObject({ status: 'unchanged', reason: expect.stringContaining('same as') });
    expect((await stack.databricksRuns()).length).toBe(runs);
    const { books: _booksBefore, ...dataBefore } = before;
    const { books: _booksAfter, ...dataAfter } = await digest(stack);
    expect(dataAfter).toEqual(dataBefore);
  });

  test('change nothing when their events are delivered five times each, shuffled', async () => {
    const before = await digest(stack);
    const runs = (await stack.databricksRuns()).length;
    const ledger = await stack.client.all<ApiFile & { size: number; sequencer: string }>('/files?dataset=flights');
    const events = ledger.map((file) => ({
      id: `again-${file.id}`,
      topic:
        '/subscriptions/local/resourceGroups/landfall/providers/Microsoft.Storage/storageAccounts/devstoreaccount1',
      subject: `/blobServices/default/containers/landing/blobs/${file.path}`,
      eventType: 'Microsoft.Storage.BlobCreated',
      eventTime: file.landedAt,
      dataVersion: '',
      metadataVersion: '1',
      data: {
        api: 'PutBlob',
        eTag: file.etag,
        contentLength: file.size,
        sequencer: file.sequencer,
        blobType: 'BlockBlob',
        url: '',
      },
    }));
    const deliveries = shuffle(Array.from({ length: 5 }, () => events).flat());
    const statuses = await Promise.all(deliveries.map((event) => stack.deliverEvent(event)));
    expect(new Set(statuses)).toEqual(new Set([202]));
    await stack.untilIdle();
    expect((await stack.databricksRuns()).length).toBe(runs);
    expect(await digest(stack)).toEqual(before);
  });

  test('are replaced, in warehouse and insights, by a corrected version of one of them', async () => {
    const corrected = await stack.correctedMonth('2013-02.csv', (lines) => lines.slice(0, -100));
    const etag = await landFile(stack.blobs, corrected, FEBRUARY);
    const [file] = await stack.follow(new Map([[FEBRUARY, etag]]));
    expect(file).toMatchObject({ status: 'published', rows: { read: 24_851, loaded: 24_851 } });
    const [row] = await queryWarehouse(
      stack.settings,
      "SELECT COUNT(*) AS flights FROM dw.fact_flight WHERE _file = 'flights/2013-02.csv'",
    );
    expect(row).toEqual({ flights: 24_851 });
    const carriers = await stack.client.all<{ flights: number }>('/insights/flights/carrier-punctuality?month=2');
    expect(carriers.reduce((sum, { flights }) => sum + flights, 0)).toBe(24_851);
  });
});

function sorted(rows: readonly Record<string, unknown>[], keys: readonly string[]): Record<string, unknown>[] {
  const key = (row: Record<string, unknown>): string =>
    keys.map((name) => String(row[name]).padStart(12, '0')).join('|');
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** A fixed shuffle (mulberry32), so that a failure can be repeated. */
function shuffle<T>(items: readonly T[]): T[] {
  let seed = 20_130_101;
  const random = (): number => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return items
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}
