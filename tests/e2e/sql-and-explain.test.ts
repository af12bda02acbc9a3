import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';

interface SqlAnswer {
  id: string;
  state: string;
  columns: { name: string; type: string }[];
  rows: unknown[][];
  next: string | null;
  truncated: boolean;
}

interface SqlBody {
  statement: string;
  parameters: Record<string, { value: unknown; type: string }>;
}

interface Part {
  contribution: number;
  mix: number;
  rate: number;
}

interface Explanation {
  change: number;
  from: { value: number; rows: number };
  to: { value: number; rows: number };
  dimensions: {
    dimension: string;
    values: (Part & { value: string | null; from: { denominator: number }; to: { denominator: number } })[];
    others: (Part & { count: number }) | null;
    rows: { from: SqlBody; to: SqlBody };
  }[];
  differences: {
    files: { onlyFrom: string[]; onlyTo: string[] };
    models: { from: string[]; to: string[]; differ: boolean };
    contractVersions: { differ: boolean };
    rejected: { from: number; to: number; byRule: { rule: string; from: number; to: number }[] };
  };
  source: SqlBody;
}

const BAD_LINES = 3;

describe('ad hoc SQL and explanations over landed flights', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
    await stack.landReference();
    await stack.land({ 'flights/2013-01.csv': join(FLIGHTS, '2013-01.csv') });
    // The last lines of February lose their distance's plausibility.
    const february = await stack.correctedMonth('2013-02.csv', (lines) =>
      lines.map((line, index) => (index < lines.length - BAD_LINES ? line : withDistance(line, '99999'))),
    );
    await stack.land({ 'flights/2013-02.csv': february });
  });
  afterAll(() => stack.dispose());

  async function call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${stack.api.url}${path}`, {
      method,
      headers: { 'x-functions-key': stack.api.key },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
  const sql = async (body: object): Promise<SqlAnswer> => {
    const answer = await call('POST', '/sql', body);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer));
    return answer.body as SqlAnswer;
  };

  test('a query over silver gives what the raw files say', async () => {
    const { rows, columns } = await sql({
      statement: `SELECT month, count(*) AS flights, count(arr_delay) AS arrived, sum(arr_delay) AS delay
        FROM main.silver.flights WHERE carrier = :carrier GROUP BY month ORDER BY month`,
      parameters: { carrier: 'UA' },
    });
    const expected = [raw('2013-01.csv'), raw('2013-02.csv').slice(0, -BAD_LINES)].map((flights, index) => {
      const ofUnited = flights.filter(({ carrier }) => carrier === 'UA');
      const delays = ofUnited.flatMap(({ arr_delay: delay }) =>
        delay === 'NA' || delay === '' ? [] : [Number(delay)],
      );
      return [index + 1, ofUnited.length, delays.length, delays.reduce((sum, delay) => sum + delay, 0)];
    });
    expect(rows).toEqual(expected);
    expect(columns.map(({ type }) => type)).toEqual(['INT', 'BIGINT', 'BIGINT', 'BIGINT']);
  });

  test('the tables of the lake are there by name, and describe themselves', async () => {
    const { rows } = await sql({ statement: 'SHOW TABLES IN main.gold' });
    expect(rows.map(([, name]) => name)).toEqual(expect.arrayContaining(['flights_carrier_punctuality']));
    const described = await sql({ statement: 'DESCRIBE main.silver.flights' });
    expect(described.rows).toEqual(expect.arrayContaining([['flight_date', 'date', null]]));
  });

  test('a long result comes page by page, up to the limit', async () => {
    const statement =
      'SELECT f.*, w.* FROM main.silver.flights f JOIN main.silver.weather w ON f.time_hour = w.time_hour';
    let page = await sql({ statement, limit: 9000 });
    let rows = page.rows.length;
    expect(page.truncated).toBe(true);
    expect(page.next).not.toBeNull();
    while (page.next !== null) {
      page = (await call('GET', `/sql/${page.id}?cursor=${page.next}`)).body as SqlAnswer;
      rows += page.rows.length;
    }
    expect(rows).toBe(9000);
  });

  test('writes and mistakes are refused with a reason, as problem documents', async () => {
    for (const [statement, status, detail] of [
      ['DELETE FROM main.silver.flights', 400, 'begins with DELETE'],
      ['SELECT 1; DROP TABLE main.silver.flights', 400, 'one statement at a time'],
      ['SELECT * FROM main.silver.nowhere', 400, 'TABLE_OR_VIEW_NOT_FOUND'],
    ] as const) {
      const answer = await call('POST', '/sql', { statement });
      expect(answer).toMatchObject({ status, body: { status, detail: expect.stringContaining(detail) } });
    }
  });

  test('a long statement answers 202, and is ended on demand', async () => {
    const statement = 'SELECT sum(a.id * b.id) FROM range(10000000) a CROSS JOIN range(10000000) b';
    const started = await call('POST', '/sql', { statement });
    expect(started.status).toBe(202);
    const { id } = started.body as SqlAnswer;
    expect((await call('GET', `/sql/${id}`)).status).toBe(202);
    expect((await call('DELETE', `/sql/${id}`)).status).toBe(204);
    expect((await call('GET', `/sql/${id}`)).body).toMatchObject({ state: 'canceled' });
  });

  test('an explanation adds up, names what differs, and leads down to lines of the files', async () => {
    const answer = await call('POST', '/explain', {
      dataset: 'flights',
      insight: 'carrier-punctuality',
      measure: 'avg_arr_delay',
      from: { year: 2013, month: 1 },
      to: { year: 2013, month: 2 },
      top: 5,
    });
    expect(answer.status).toBe(200);
    const explanation = answer.body as Explanation;
    const [january, february] = [mean(raw('2013-01.csv')), mean(raw('2013-02.csv').slice(0, -BAD_LINES))];
    expect(explanation.from.value).toBeCloseTo(january, 9);
    expect(explanation.to.value).toBeCloseTo(february, 9);
    expect(explanation.change).toBeCloseTo(february - january, 9);
    expect(explanation.dimensions.map(({ dimension }) => dimension)).toEqual(
      expect.arrayContaining(['carrier', 'origin', 'dest', 'manufacturer']),
    );
    for (const { values, others } of explanation.dimensions) {
      const parts: Part[] = others === null ? values : [...values, others];
      expect(parts.reduce((sum, { contribution }) => sum + units(contribution), 0)).toBe(units(explanation.change));
      for (const { contribution, mix, rate } of parts) expect(units(mix) + units(rate)).toBe(units(contribution));
    }

    expect(explanation.differences).toMatchObject({
      files: { onlyFrom: ['flights/2013-01.csv'], onlyTo: ['flights/2013-02.csv'] },
      contractVersions: { differ: false },
      rejected: { from: 0, to: BAD_LINES, byRule: [{ rule: 'distance-plausible', from: 0, to: BAD_LINES }] },
    });
    expect(explanation.differences.models.to).toHaveLength(1);

    const carriers = explanation.dimensions.find(({ dimension }) => dimension === 'carrier');
    const [top] = carriers?.values ?? [];
    const asked = carriers?.rows.to as SqlBody;
    const parameters = { ...asked.parameters, value: { value: top?.value, type: 'STRING' } };
    const { columns, rows } = await sql({ statement: asked.statement, parameters });
    const at = (name: string): number => columns.findIndex((column) => column.name === name);
    expect(rows.filter((row) => row[at('arr_delay')] !== null)).toHaveLength(top?.to.denominator ?? -1);

    const [row = []] = rows;
    const source = await sql({
      statement: explanation.source.statement,
      parameters: {
        file: { value: row[at('_file')], type: 'STRING' },
        line: { value: row[at('_line')], type: 'INT' },
        batch: { value: row[at('_batch')], type: 'STRING' },
      },
    });
    const line = raw('2013-02.csv')[Number(row[at('_line')]) - 2];
    expect(source.rows).toHaveLength(1);
    expect(source.rows[0]?.[source.columns.findIndex(({ name }) => name === 'flight')]).toBe(line?.flight);
  });

  test('an explanation that cannot be is refused with what can', async () => {
    const asked = { dataset: 'flights', insight: 'carrier-punctuality', from: { month: 1 }, to: { month: 9 } };
    expect(await call('POST', '/explain', { ...asked, measure: 'carrier_name' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('late_15_share') },
    });
    expect(await call('POST', '/explain', { ...asked, measure: 'avg_arr_delay' })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining("period 'to'") },
    });
  });
});

type Flight = Readonly<Record<string, string>>;

/** The lines of a month, as landed. */
function raw(name: string): readonly Flight[] {
  const [header = '', ...lines] = readFileSync(join(FLIGHTS, name), 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index] ?? '', value])));
}

function mean(flights: readonly Flight[]): number {
  const delays = flights.map(({ arr_delay: delay }) => delay).filter((delay) => delay !== 'NA' && delay !== '');
  return delays.reduce((sum, delay) => sum + Number(delay), 0) / delays.length;
}

function withDistance(line: string, distance: string): string {
  const header = readFileSync(join(FLIGHTS, '2013-02.csv'), 'utf8').split('\n', 1)[0] ?? '';
  const index = header.split(',').indexOf('distance');
  return line.split(',').with(index, distance).join(',');
}

/** In units of the ninth decimal, in which contributions are told. */
function units(value: number): number {
  return Math.round(value * 1e9);
}
