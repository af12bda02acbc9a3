import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'mssql';
import { type Pool, removeDirectory, startPool } from './pool.ts';

let pool: Pool;
let db: sql.ConnectionPool;
let schema: string;
let counter = 0;

beforeAll(async () => {
  pool = await startPool();
  db = await pool.connect();
});

afterAll(async () => {
  await db.close();
  expect(await pool.stop()).toBe(0);
  removeDirectory(pool.directory);
});

beforeEach(async () => {
  counter += 1;
  schema = `s${counter}`;
  await db.query(`CREATE SCHEMA ${schema}`);
});

const rows = async (text: string): Promise<Record<string, unknown>[]> => (await db.request().query(text)).recordset;

const failure = async (work: Promise<unknown>): Promise<sql.RequestError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof sql.RequestError) return error;
    throw error;
  }
  throw new Error('the statement was accepted');
};

describe('types and values', () => {
  test('come back as the driver gives them for the real types', async () => {
    const [row] = await rows(`SELECT CAST(1 AS TINYINT) ti, CAST(-2 AS SMALLINT) si, -3 i, CAST(4 AS BIGINT) bi,
      CAST(1 AS BIT) bt, CAST(1.25 AS DECIMAL(9,4)) de, CAST(-1234567890123.5 AS DECIMAL(38,1)) wide, 1.5e0 f, CAST(0.5 AS REAL) r,
      CAST('20130131' AS DATE) d, CAST('2013-01-31 10:11:12.6' AS DATETIME2(0)) d0, CAST('2013-01-31 10:11:12.123' AS DATETIME2(3)) d3,
      CAST('2013-01-31T10:11:12' AS DATETIME) dt, N'Zürich 𝄞' n, 'abc' v, 0x0102FF b, CAST(NULL AS INT) missing,
      CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS UNIQUEIDENTIFIER) g, CAST(-1.5 AS MONEY) m`);
    expect(row).toEqual({
      ti: 1,
      si: -2,
      i: -3,
      bi: '4',
      bt: true,
      de: 1.25,
      wide: -1234567890123.5,
      f: 1.5,
      r: 0.5,
      d: new Date('2013-01-31T00:00:00Z'),
      d0: expect.anything(),
      d3: expect.anything(),
      dt: new Date('2013-01-31T10:11:12Z'),
      n: 'Zürich 𝄞',
      v: 'abc',
      b: Buffer.from([1, 2, 255]),
      missing: null,
      g: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
      m: -1.5,
    });
    expect((row?.d0 instanceof Date ? row.d0 : new Date(0)).toISOString()).toBe('2013-01-31T10:11:13.000Z');
    expect((row?.d3 instanceof Date ? row.d3 : new Date(0)).toISOString()).toBe('2013-01-31T10:11:12.123Z');
  });

  test('have the exact types that T-SQL gives to functions and operators', async () => {
    const { recordset } =
      await db.query(`SELECT COUNT(*) a, COUNT_BIG(*) b, SUM(x) c, AVG(x) d, LEN('ab ') e, DATEDIFF(day, '20130101', '20130201') f,
      7 / 2 g, 7 / 2.0 h, ISNULL(NULL, 'z') i, SUM(CAST(x AS BIGINT)) j FROM (SELECT 1 x UNION ALL SELECT 4) q`);
    const type = (name: string) => (recordset.columns[name]?.type as () => unknown) ?? undefined;
    expect(['a', 'c', 'd', 'e', 'f', 'g'].map((name) => type(name) === sql.Int)).toEqual(Array(6).fill(true));
    expect([type('b') === sql.BigInt, type('j') === sql.BigInt, type('h') === sql.Decimal]).toEqual([true, true, true]);
    expect(recordset[0]).toEqual({ a: 2, b: '2', c: 5, d: 2, e: 2, f: 31, g: 3, h: 3.5, i: 'z', j: '5' });
  });

  test('pass through parameters of every common type', async () => {
    const day = new Date('2013-05-06T07:08:09.000Z');
    const request = db.request();
    request
      .input('i', sql.Int, 7)
      .input('s', sql.NVarChar(20), 'grüße')
      .input('d', sql.DateTime2(3), day)
      .input('b', sql.Bit, true);
    request
      .input('n', sql.Decimal(9, 3), 1.125)
      .input('x', sql.VarBinary, Buffer.from('hi'))
      .input('u', sql.NVarChar(sql.MAX), 'x'.repeat(9000));
    request.input('nothing', sql.Int, null);
    const { recordset } = await request.query(
      "SELECT @i i, @s + N'!' s, @d d, @b b, @n n, @x x, LEN(@u) u, @nothing nothing",
    );
    expect(recordset[0]).toMatchObject({
      i: 7,
      s: 'grüße!',
      b: true,
      n: 1.125,
      x: Buffer.from('hi'),
      u: '9000',
      nothing: null,
    });
    expect((recordset[0].d as Date).toISOString()).toBe(day.toISOString());
  });

  test('survive a result of many packets, with nulls and characters beyond ASCII', async () => {
    const found = await rows(`SELECT TOP 20000 ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) n,
      CASE WHEN a.column_id % 3 = 0 THEN NULL ELSE CONCAT(N'é', a.column_id) END t FROM sys.all_columns a CROSS JOIN sys.all_columns b`);
    expect(found).toHaveLength(20000);
    expect(new Set(found.map((r) => r.n)).size).toBe(20000);
    expect(found.every((r) => r.t === null || /^é\d+$/.test(String(r.t)))).toBe(true);
  });
});

describe('the warehouse', () => {
  test('publishes a batch in one transaction that other connections see whole or not at all', async () => {
    const columns = 'k NVARCHAR(16) NOT NULL, delay INT, ontime BIT, d DATE, at DATETIME2(0), share DECIMAL(9,4)';
    await db.query(`CREATE TABLE ${schema}.fact_flight (${columns}) WITH (DISTRIBUTION = HASH(k), CLUSTERED COLUMNSTORE INDEX);
      CREATE TABLE ${schema}.stage_flight (${columns}) WITH (HEAP, DISTRIBUTION = ROUND_ROBIN);
      CREATE TABLE ${schema}.publication (id INT, version INT) WITH (DISTRIBUTION = REPLICATE);
      INSERT INTO ${schema}.publication VALUES (1, 0);
      INSERT INTO ${schema}.fact_flight VALUES ('a', 1, 0, '20130101', '2013-01-01 05:00:00', 0.5);
      INSERT INTO ${schema}.stage_flight SELECT 'a', 9, 1, '20130101', '20130101', 0.25 UNION ALL SELECT 'b', NULL, NULL, NULL, NULL, NULL`);
    const transaction = new sql.Transaction(db);
    await transaction.begin();
    const inside = await new sql.Request(transaction).query(`DELETE FROM ${schema}.fact_flight
        WHERE EXISTS (SELECT 1 FROM ${schema}.stage_flight s WHERE s.k = ${schema}.fact_flight.k);
      INSERT INTO ${schema}.fact_flight (k, delay, ontime, d, at, share) SELECT k, delay, ontime, d, at, share FROM ${schema}.stage_flight;
      UPDATE ${schema}.publication SET version = version + 1 WHERE id = 1`);
    expect(inside.rowsAffected).toEqual([1, 2, 1]);
    const view = `SELECT (SELECT COUNT(*) FROM ${schema}.fact_flight) n, (SELECT MAX(version) FROM ${schema}.publication) v`;
    expect(await rows(view)).toEqual([{ n: 1, v: 0 }]);
    await transaction.commit();
    expect(await rows(view)).toEqual([{ n: 2, v: 1 }]);
    expect(await rows(`SELECT delay, ontime FROM ${schema}.fact_flight WHERE k = 'A'`)).toEqual([
      { delay: 9, ontime: true },
    ]);
  });

  test('rolls back on request, through the driver and through T-SQL', async () => {
    await db.query(`CREATE TABLE ${schema}.t (a INT) WITH (HEAP); INSERT INTO ${schema}.t VALUES (1)`);
    const transaction = new sql.Transaction(db);
    await transaction.begin();
    await new sql.Request(transaction).query(`DELETE FROM ${schema}.t`);
    await transaction.rollback();
    await db.query(`BEGIN TRAN; DELETE FROM ${schema}.t; IF @@TRANCOUNT > 0 ROLLBACK TRAN`);
    expect(await rows(`SELECT COUNT(*) n FROM ${schema}.t`)).toEqual([{ n: 1 }]);
  });

  test('fills a calendar from cross joined digits', async () => {
    await db.query(`CREATE TABLE ${schema}.dim_date (date_key INT NOT NULL, d DATE NOT NULL, y SMALLINT, q TINYINT, m TINYINT, month_name NVARCHAR(30),
        weekday NVARCHAR(30), dow TINYINT, iso TINYINT, is_weekend BIT, month_end DATE) WITH (DISTRIBUTION = REPLICATE, CLUSTERED INDEX (date_key));
      WITH digits AS (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6
          UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9),
        numbers AS (SELECT a.n + 10 * b.n + 100 * c.n AS n FROM digits a CROSS JOIN digits b CROSS JOIN digits c),
        days AS (SELECT DATEADD(day, n, CAST('2012-12-30' AS DATE)) AS d FROM numbers WHERE n < 400)
      SELECT d INTO #days FROM days;
      INSERT INTO ${schema}.dim_date
      SELECT CAST(CONVERT(CHAR(8), d, 112) AS INT), d, YEAR(d), DATEPART(quarter, d), MONTH(d), DATENAME(month, d), DATENAME(weekday, d),
        DATEPART(weekday, d), DATEPART(iso_week, d), CASE WHEN DATEPART(weekday, d) IN (1, 7) THEN 1 ELSE 0 END, EOMONTH(d)
      FROM #days; DROP TABLE #days`);
    expect(
      await rows(
        `SELECT COUNT(*) n, MIN(date_key) a, MAX(date_key) b, SUM(CAST(is_weekend AS INT)) w FROM ${schema}.dim_date`,
      ),
    ).toEqual([{ n: 400, a: 20121230, b: 20140202, w: 115 }]);
    expect(await rows(`SELECT * FROM ${schema}.dim_date WHERE date_key = 20130228`)).toEqual([
      {
        date_key: 20130228,
        d: new Date('2013-02-28T00:00:00Z'),
        y: 2013,
        q: 1,
        m: 2,
        month_name: 'February',
        weekday: 'Thursday',
        dow: 5,
        iso: 9,
        is_weekend: false,
        month_end: new Date('2013-02-28T00:00:00Z'),
      },
    ]);
  });

  test('is swapped by CTAS and RENAME OBJECT', async () => {
    await db.query(
      `CREATE TABLE ${schema}.t WITH (DISTRIBUTION = HASH(a), CLUSTERED COLUMNSTORE INDEX) AS SELECT 1 AS a, N'x' AS b OPTION (LABEL = 'one')`,
    );
    await db.query(
      `CREATE TABLE ${schema}.t_new WITH (DISTRIBUTION = HASH(a)) AS SELECT a + 1 AS a, b FROM ${schema}.t`,
    );
    await db.query(
      `RENAME OBJECT ${schema}.t TO t_old; RENAME OBJECT ${schema}.t_new TO t; DROP TABLE ${schema}.t_old`,
    );
    expect(await rows(`SELECT a, b FROM ${schema}.t`)).toEqual([{ a: 2, b: 'x' }]);
    expect(
      await rows(`SELECT t.name, p.distribution_policy_desc d FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id
      JOIN sys.pdw_table_distribution_properties p ON p.object_id = t.object_id WHERE s.name = '${schema}'`),
    ).toEqual([{ name: 't', d: 'HASH' }]);
  });

  test('updates and deletes through joins and merges', async () => {
    await db.query(`CREATE TABLE ${schema}.t (k INT, v NVARCHAR(10)) WITH (DISTRIBUTION = HASH(k));
      CREATE TABLE ${schema}.s (k INT, v NVARCHAR(10)) WITH (HEAP);
      INSERT INTO ${schema}.t SELECT 1, 'a' UNION ALL SELECT 2, 'b' UNION ALL SELECT 3, 'c';
      INSERT INTO ${schema}.s SELECT 2, 'B' UNION ALL SELECT 3, 'C' UNION ALL SELECT 4, 'D'`);
    const changed =
      await db.query(`UPDATE x SET x.v = s.v FROM ${schema}.t x JOIN ${schema}.s s ON s.k = x.k WHERE x.k = 2;
      DELETE x FROM ${schema}.t x INNER JOIN ${schema}.s s ON s.k = x.k WHERE s.k = 3;
      MERGE INTO ${schema}.t AS t USING ${schema}.s AS s ON t.k = s.k WHEN MATCHED THEN UPDATE SET t.v = s.v + '!'
        WHEN NOT MATCHED BY TARGET THEN INSERT (k, v) VALUES (s.k, s.v);`);
    expect(changed.rowsAffected).toEqual([1, 1, 3]);
    expect(await rows(`SELECT k, v FROM ${schema}.t ORDER BY k`)).toEqual([
      { k: 1, v: 'a' },
      { k: 2, v: 'B!' },
      { k: 3, v: 'C' },
      { k: 4, v: 'D' },
    ]);
  });
});

describe('batches', () => {
  test('run variables, loops and branches, and PRINT to the client', async () => {
    const messages: string[] = [];
    const request = db.request();
    request.on('info', (message: { message: string }) => messages.push(message.message));
    const result = await request.query(`SET NOCOUNT ON
      DECLARE @i INT = 0, @text NVARCHAR(50) = N''
      WHILE @i < 5
      BEGIN
        SET @i += 1
        IF @i = 2 PRINT 'two'
        ELSE SET @text = @text + CAST(@i AS NVARCHAR(10)) + ','
        IF @i = 4 BREAK
      END
      SELECT @i AS i, @text AS text, @@ROWCOUNT AS c`);
    expect(result.recordset).toEqual([{ i: 4, text: '1,3,4,', c: 1 }]);
    expect(result.rowsAffected).toEqual([]);
    expect(messages).toEqual(['two']);
  });

  test('catch errors and throw them on with number, state and class', async () => {
    const caught = await rows(
      `BEGIN TRY SELECT 1 / 0 END TRY BEGIN CATCH SELECT ERROR_NUMBER() n, ERROR_SEVERITY() s, XACT_STATE() x END CATCH`,
    );
    expect(caught).toEqual([{ n: 8134, s: 16, x: 0 }]);
    const thrown = await failure(db.query(`BEGIN TRY THROW 50123, 'my fault', 7 END TRY BEGIN CATCH THROW END CATCH`));
    expect(thrown).toMatchObject({ number: 50123, state: 7, class: 16, message: 'my fault' });
  });

  test('return several result sets and counts in order', async () => {
    const result =
      await db.query(`CREATE TABLE #t (a INT); INSERT INTO #t SELECT 1 UNION ALL SELECT 2; SELECT a FROM #t ORDER BY a DESC;
      UPDATE #t SET a = 5; SELECT SUM(a) s FROM #t; DROP TABLE #t`);
    expect(result.recordsets).toEqual([[{ a: 2 }, { a: 1 }], [{ s: 10 }]]);
    expect(result.rowsAffected).toEqual([2, 2, 2, 1]);
  });

  test('prepare once and execute often', async () => {
    const prepared = new sql.PreparedStatement(db);
    prepared.input('a', sql.Int);
    await prepared.prepare('SELECT @a * 2 AS b');
    expect((await prepared.execute({ a: 4 })).recordset).toEqual([{ b: 8 }]);
    expect((await prepared.execute({ a: 5 })).recordset).toEqual([{ b: 10 }]);
    await prepared.unprepare();
  });

  test('call stored procedures with output parameters', async () => {
    await db.query(
      `CREATE PROCEDURE ${schema}.twice @x INT, @y INT OUTPUT AS BEGIN SET @y = @x * 2; SELECT @y AS y END`,
    );
    const called = await db.request().input('x', sql.Int, 21).output('y', sql.Int).execute(`${schema}.twice`);
    expect([called.output, called.recordset]).toEqual([{ y: 42 }, [{ y: 42 }]]);
    expect(await rows(`DECLARE @r INT; EXEC ${schema}.twice @x = 4, @y = @r OUTPUT; SELECT @r r`)).toEqual([{ y: 8 }]);
  });

  test('stop when the client cancels, and the connection goes on', async () => {
    const request = db.request();
    const started = Date.now();
    setTimeout(() => request.cancel(), 200);
    const cancelled = await failure(
      request.query(
        'SELECT COUNT(*) FROM sys.all_columns a CROSS JOIN sys.all_columns b CROSS JOIN sys.all_columns c WHERE a.name LIKE b.name + c.name',
      ),
    );
    expect(cancelled.code).toBe('ECANCEL');
    expect(Date.now() - started).toBeLessThan(5000);
    expect(await rows('SELECT 1 AS a')).toEqual([{ a: 1 }]);
  });
});

describe('errors', () => {
  test.each([
    [102, 'SELECT 1 +* 2'],
    [208, 'SELECT * FROM dbo.nothing_here'],
    [207, 'SELECT nothing FROM sys.tables'],
    [137, 'SELECT @undeclared'],
    [245, "SELECT CAST('x' AS INT)"],
    [241, "SELECT CAST('not a date' AS DATE)"],
    [8115, 'SELECT CAST(70000 AS SMALLINT)'],
    [195, 'SELECT NO_SUCH_FUNCTION(1)'],
    [2812, 'EXEC no_such_procedure'],
    [3701, 'DROP TABLE dbo.nothing_here'],
    [3902, 'COMMIT'],
    [3903, 'ROLLBACK'],
    [40515, 'SELECT * FROM other.dbo.t'],
    [10713, 'MERGE t USING s ON t.a = s.a WHEN MATCHED THEN DELETE'],
    [111212, 'BEGIN TRAN; CREATE TABLE dbo.x (a INT)'],
    [111212, 'BEGIN TRAN; BEGIN TRAN'],
  ])('number %i answers %s', async (number, text) => {
    expect((await failure(db.query(text))).number).toBe(number);
    await db.query('IF @@TRANCOUNT > 0 ROLLBACK');
  });

  test('name the column of a NULL, and refuse text that is too long', async () => {
    await db.query(`CREATE TABLE ${schema}.t (a INT NOT NULL, b NVARCHAR(3)) WITH (HEAP)`);
    expect(await failure(db.query(`INSERT INTO ${schema}.t VALUES (NULL, 'x')`))).toMatchObject({ number: 515 });
    expect(await failure(db.query(`INSERT INTO ${schema}.t VALUES (1, 'four')`))).toMatchObject({ number: 2628 });
  });

  test('abort the transaction, which then takes nothing but a rollback', async () => {
    await db.query(`CREATE TABLE ${schema}.t (a INT) WITH (HEAP)`);
    const transaction = new sql.Transaction(db);
    await transaction.begin();
    const request = () => new sql.Request(transaction);
    await request().query(`INSERT INTO ${schema}.t VALUES (1)`);
    expect((await failure(request().query(`INSERT INTO ${schema}.t SELECT 1 / 0`))).number).toBe(8134);
    expect((await failure(request().query(`SELECT * FROM ${schema}.t`))).number).toBe(111233);
    await transaction.rollback();
    expect(await rows(`SELECT * FROM ${schema}.t`)).toEqual([]);
  });
});
