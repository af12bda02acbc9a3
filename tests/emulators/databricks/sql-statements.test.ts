import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Body, type Chunk, startSqlWorkspace } from './sql-workspace.ts';

const ENDLESS = 'SELECT sum(a.id * b.id) FROM range(10000000) a CROSS JOIN range(10000000) b';

describe('a SQL warehouse', () => {
  let workspace: Awaited<ReturnType<typeof startSqlWorkspace>>;
  beforeAll(async () => {
    workspace = await startSqlWorkspace({ chunkBytes: 2000, catalog: { name: 'main', schemas: ['silver'] } });
    await workspace.run('SELECT 1');
  });
  afterAll(() => workspace.close());

  test('answers a quick query at once, every value as text, its type in the manifest', async () => {
    const { status, manifest, result } = await workspace.run(`
      SELECT 1 AS i, 2.5D AS d, CAST(1.5 AS DECIMAL(9, 2)) AS m, true AS b, 'x' AS s, DATE '2013-01-01' AS dt,
        TIMESTAMP '2013-01-01 05:00:00' AS ts, array(1, 2) AS a, named_struct('x', 1, 'y', array('z')) AS st,
        map('k', 1) AS mp, NULL AS n, CAST(9007199254740993 AS BIGINT) AS l`);
    expect(status).toEqual({ state: 'SUCCEEDED' });
    expect(result?.data_array).toEqual([
      [
        ...['1', '2.5', '1.50', 'true', 'x', '2013-01-01', '2013-01-01T05:00:00.000Z'],
        ...['[1, 2]', '{"x": 1, "y": ["z"]}', '{"k": 1}', null, '9007199254740993'],
      ],
    ]);
    expect(manifest?.schema.columns.map(({ type_name }) => type_name)).toEqual(
      'INT DOUBLE DECIMAL BOOLEAN STRING DATE TIMESTAMP ARRAY STRUCT MAP NULL LONG'.split(' '),
    );
    expect(manifest?.schema.columns[2]).toEqual({
      name: 'm',
      position: 2,
      type_name: 'DECIMAL',
      type_text: 'DECIMAL(9,2)',
      type_precision: 9,
      type_scale: 2,
    });
  });

  test('binds named parameters by their types, also several times and as null', async () => {
    const parameters = [
      { name: 'd', value: '2013-02-03', type: 'DATE' },
      { name: 'm', value: '1.25', type: 'DECIMAL(9,2)' },
      { name: 's', value: "it's; DROP TABLE x --" },
      { name: 'n', type: 'INT' },
    ];
    const { result } = await workspace.run('SELECT :d + INTERVAL 1 DAY, :m * 2, :s, :s, :n IS NULL', { parameters });
    expect(result?.data_array).toEqual([
      [expect.stringMatching(/^2013-02-04/), '2.50', parameters[2]?.value, parameters[2]?.value, 'true'],
    ]);
  });

  test('fails a parameter that does not fit its type, with the HTTP status 200', async () => {
    const { status } = await workspace.run('SELECT :x', { parameters: [{ name: 'x', value: '5x', type: 'INT' }] });
    expect(status).toMatchObject({ state: 'FAILED', error: { error_code: 'BAD_REQUEST' }, sql_state: '22018' });
  });

  test.each([
    ['SELECT nope', '42703'],
    ['SELECT * FROM main.silver.nope', '42P01'],
    ['SELEC 1', '42601'],
    ['SELECT 1; SELECT 2', '42601'],
    ['-- nothing', '42617'],
    ['SELECT :missing', '42P02'],
  ])('fails %s with the engine’s message and SQLSTATE %s', async (statement, sqlState) => {
    const { status, body } = await workspace.submit(statement);
    expect(status).toBe(200);
    expect((body as Body).status).toMatchObject({
      state: 'FAILED',
      sql_state: sqlState,
      error: { error_code: 'BAD_REQUEST', message: expect.stringMatching(/./) },
    });
  });

  test.each([
    'CREATE TABLE main.silver.t AS SELECT 1',
    'DROP SCHEMA main.silver',
    '/* SELECT */ INSERT INTO main.silver.t VALUES (1)',
    'WITH x AS (SELECT 1) INSERT INTO main.silver.t SELECT * FROM x',
    'SET spark.sql.ansi.enabled = false',
    'SELECT * FROM text.`/etc/hostname`',
    'SELECT * FROM `text`.hosts',
    "SELECT * FROM IDENTIFIER('text' || '.`/etc/hostname`')",
    "SELECT $$'$$, x.* FROM text.`/etc/hostname` x --'",
    'SELECT 1 -- x\r, y.* FROM text.`/etc/hostname` y',
    'WITH x AS (DELETE FROM main.silver.t) SELECT 1',
    'EXPLAIN INSERT INTO main.silver.t VALUES (1)',
    'CREATE TEMPORARY VIEW v AS SELECT 1',
  ])('refuses %s for want of a permission', async (statement) => {
    const { status } = await workspace.run(statement);
    expect(status).toMatchObject({ state: 'FAILED', error: { error_code: 'PERMISSION_DENIED' } });
  });

  test('is not talked out of its read-only mode by unbalanced parentheses', async () => {
    const { status } = await workspace.run('SELECT 1) x; CREATE SCHEMA main.evil; SELECT * FROM (SELECT 1');
    expect(status.state).toBe('FAILED');
    const { result } = await workspace.run('SHOW SCHEMAS IN main');
    expect(result?.data_array?.map(([name]) => name).sort()).toEqual(['default', 'silver']);
  });

  test('cuts a result off at row_limit and at byte_limit, and says so', async () => {
    const rows = await workspace.run('SELECT id FROM range(100) ORDER BY id DESC', { row_limit: 3 });
    expect([rows.result?.data_array, rows.manifest?.truncated]).toEqual([[['99'], ['98'], ['97']], true]);
    const bytes = await workspace.run('SELECT id FROM range(100) ORDER BY id', { byte_limit: 20 });
    expect([bytes.result?.data_array?.length, bytes.manifest?.truncated]).toEqual([4, true]);
    const exact = await workspace.run('SELECT id FROM range(3)', { row_limit: 3 });
    expect([exact.manifest?.total_row_count, exact.manifest?.truncated]).toEqual([3, false]);
  });

  test('pages a long result by chunks that add up to it', async () => {
    const { manifest, result } = await workspace.run('SELECT id FROM range(2000) ORDER BY id');
    const rows = [...(result?.data_array ?? [])];
    let next = result?.next_chunk_internal_link;
    while (next !== undefined) {
      const chunk = (await workspace.request('GET', next)).body as Chunk;
      expect(chunk.row_offset).toBe(rows.length);
      rows.push(...(chunk.data_array ?? []));
      next = chunk.next_chunk_internal_link;
    }
    expect(manifest?.total_chunk_count).toBeGreaterThan(3);
    expect(rows.map(([id]) => Number(id))).toEqual(Array.from({ length: 2000 }, (_, index) => index));
  });

  test('gives CSV by links that need no credentials, the header once', async () => {
    const { result } = await workspace.run('SELECT id, CAST(NULL AS INT) AS n FROM range(500)', {
      disposition: 'EXTERNAL_LINKS',
      format: 'CSV',
    });
    let text = '';
    let [link] = result?.external_links ?? [];
    const { external_link: first = '' } = link ?? {};
    while (link !== undefined) {
      const response = await fetch(link.external_link);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv']);
      text += await response.text();
      const { statement_id: id } = await workspace.run('SELECT 1');
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      const path = /sql-results\/([^/]+)\//.exec(link.external_link)?.[1];
      link =
        link.next_chunk_index === undefined
          ? undefined
          : (
              (await workspace.request('GET', `/api/2.0/sql/statements/${path}/result/chunks/${link.next_chunk_index}`))
                .body as Chunk
            ).external_links?.[0];
    }
    const lines = text.trimEnd().split('\r\n');
    expect([lines[0], lines[1], lines.length]).toEqual(['id,n', '0,null', 501]);
    expect((await fetch(first.replace(/sig=.{5}/, 'sig=wrong'))).status).toBe(403);
    expect((await fetch(first, { headers: { authorization: 'Bearer x' } })).status).toBe(400);
  });

  test('goes on after the wait, can be cancelled, and then runs the next statement', async () => {
    const { statement_id: id, status } = await workspace.run(ENDLESS, { wait_timeout: '0s' });
    expect(['PENDING', 'RUNNING']).toContain(status.state);
    await workspace.until(id, 'RUNNING');
    expect((await workspace.request('POST', `/api/2.0/sql/statements/${id}/cancel`)).status).toBe(200);
    expect((await workspace.get(id)).status).toEqual({ state: 'CANCELED' });
    expect((await workspace.run('SELECT 2')).result?.data_array).toEqual([['2']]);
  });

  test('cancels at the end of the wait when asked to', async () => {
    const { status } = await workspace.run(ENDLESS, { wait_timeout: '5s', on_wait_timeout: 'CANCEL' });
    expect(status).toEqual({ state: 'CANCELED' });
  });

  test.each([
    [{ statement: '' }, 'statement'],
    [{ wait_timeout: '3s' }, 'wait_timeout'],
    [{ format: 'CSV' }, 'EXTERNAL_LINKS'],
    [{ parameters: [{ value: '1' }] }, 'name'],
    [{ row_limit: 0 }, 'row_limit'],
  ])('refuses the request %p with 400', async (fields, text) => {
    const { status, body } = await workspace.submit('SELECT 1', fields);
    expect(status).toBe(400);
    expect(body).toMatchObject({ message: expect.stringContaining(text) });
  });

  test('knows its warehouse, and 404 for what is not there', async () => {
    const { body } = await workspace.request('GET', '/api/2.0/sql/warehouses');
    expect(body).toMatchObject({ warehouses: [{ id: '5f1d2c3b4a596877', state: 'RUNNING' }] });
    expect((await workspace.submit('SELECT 1', { warehouse_id: 'other' })).status).toBe(404);
    expect((await workspace.request('GET', '/api/2.0/sql/statements/01ef-none')).status).toBe(404);
  });
});

describe('a SQL warehouse with limits of its own', () => {
  test('ends a statement at its timeout', async () => {
    const workspace = await startSqlWorkspace({ timeoutMs: 2500 });
    const { status } = await workspace.run(ENDLESS);
    await workspace.close();
    expect(status).toMatchObject({ state: 'FAILED', error: { error_code: 'DEADLINE_EXCEEDED' } });
  });
});
