import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import sql from 'mssql';
import { type Pool, removeDirectory, startPool } from './pool.ts';

const root = resolve(import.meta.dirname, '../../..');
const running: Pool[] = [];

const start = async (directory?: string, args: readonly string[] = []): Promise<Pool> => {
  const pool = await startPool(directory === undefined ? { args } : { directory, args });
  running.push(pool);
  return pool;
};

afterEach(async () => {
  for (const pool of running.splice(0)) {
    await pool.stop();
    removeDirectory(pool.directory);
  }
});

const run = async (args: string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; errors: string }> => {
  const child = spawn(join(root, '.venv/bin/python'), ['-m', 'synapse_emulator', ...args], {
    env: { ...process.env, PYTHONPATH: join(root, 'emulators/synapse'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, errors: errors.trim() };
};

test('committed work is there after kill -9, uncommitted work is not', async () => {
  const first = await start();
  const db = await first.connect();
  await db.query(
    "CREATE TABLE dbo.t (a INT NOT NULL, b NVARCHAR(5)) WITH (DISTRIBUTION = HASH(a)); INSERT INTO dbo.t VALUES (1, N'é')",
  );
  const transaction = new sql.Transaction(db);
  transaction.on('error', () => undefined);
  await transaction.begin();
  await new sql.Request(transaction).query('INSERT INTO dbo.t VALUES (2, NULL)');
  db.on('error', () => undefined);
  await first.stop('SIGKILL');
  await transaction.rollback().catch(() => undefined);
  const second = await start(first.directory);
  const again = await second.connect();
  expect((await again.query('SELECT a, b FROM dbo.t')).recordset).toEqual([{ a: 1, b: 'é' }]);
  expect(
    (
      await again.query(
        "SELECT DATA_TYPE t, CHARACTER_MAXIMUM_LENGTH n FROM INFORMATION_SCHEMA.COLUMNS WHERE COLUMN_NAME = 'b'",
      )
    ).recordset,
  ).toEqual([{ t: 'nvarchar', n: 5 }]);
  await again.close();
  await db.close();
});

test('a wrong password or database is refused as the pool does', async () => {
  const pool = await start();
  await expect(pool.connect({ password: 'wrong' })).rejects.toMatchObject({
    code: 'ELOGIN',
    message: "Login failed for user 'landfall'.",
  });
  await expect(pool.connect({ database: 'other' })).rejects.toMatchObject({
    code: 'ELOGIN',
    message: expect.stringContaining('Cannot open database "other"'),
  });
});

test('many connections read while one writes, each query seeing whole transactions', async () => {
  const pool = await start();
  const db = await pool.connect({ pool: { max: 8 } });
  await db.query('CREATE TABLE dbo.t (a INT) WITH (HEAP)');
  const writer = (async () => {
    for (let i = 0; i < 20; i += 1) {
      const transaction = new sql.Transaction(db);
      await transaction.begin();
      await new sql.Request(transaction).query('INSERT INTO dbo.t VALUES (1)');
      await new sql.Request(transaction).query('INSERT INTO dbo.t VALUES (1)');
      await transaction.commit();
    }
  })();
  const counts = await Promise.all(
    Array.from({ length: 60 }, async () => Number((await db.query('SELECT COUNT(*) n FROM dbo.t')).recordset[0].n)),
  );
  await writer;
  expect(counts.filter((n) => n % 2 !== 0)).toEqual([]);
  expect((await db.query('SELECT COUNT(*) n FROM dbo.t')).recordset).toEqual([{ n: 40 }]);
  await db.close();
});

test('two transactions that change the same row end with a deadlock victim', async () => {
  const pool = await start();
  const db = await pool.connect();
  await db.query('CREATE TABLE dbo.t (a INT) WITH (HEAP); INSERT INTO dbo.t VALUES (1)');
  const one = new sql.Transaction(db);
  const two = new sql.Transaction(db);
  await one.begin();
  await two.begin();
  await new sql.Request(one).query('UPDATE dbo.t SET a = 2');
  await expect(new sql.Request(two).query('UPDATE dbo.t SET a = 3')).rejects.toMatchObject({ number: 1205, class: 13 });
  await two.rollback();
  await one.commit();
  expect((await db.query('SELECT a FROM dbo.t')).recordset).toEqual([{ a: 2 }]);
  await db.close();
});

test('a missing password or a port in use ends with one clear line and code 1', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'synapse-'));
  const missing = await run(['--data', directory, '--port', '0'], { SYNAPSE_PASSWORD: '' });
  expect(missing).toEqual({
    code: 1,
    errors: "synapse_emulator: set SYNAPSE_PASSWORD to the password of user 'landfall'",
  });
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const taken = await run(['--data', directory, '--port', String(port)], { SYNAPSE_PASSWORD: 'x' });
  blocker.close();
  expect(taken.code).toBe(1);
  expect(taken.errors).toContain(`port ${port} cannot be used`);
  removeDirectory(directory);
});

test('one server serves a pool and an Azure SQL database, each with tables and rules of its own', async () => {
  const args = ['--database', 'landfall', '--sql-database', 'operations'];
  const first = await start(undefined, args);
  const pool = await first.connect();
  const operations = await first.connect({ database: 'Operations' });
  const edition = "SELECT DB_NAME() d, SERVERPROPERTY('EngineEdition') e";
  expect((await pool.query(edition)).recordset).toEqual([{ d: 'landfall', e: 6 }]);
  expect((await operations.query(edition)).recordset).toEqual([{ d: 'operations', e: 5 }]);

  await operations.query('CREATE TABLE dbo.t (a INT NOT NULL, b NVARCHAR(5))');
  const rows = "INSERT INTO dbo.t (a, b) VALUES (1, N'é'), (2, NULL), (3, N'x')";
  expect((await operations.query(rows)).rowsAffected).toEqual([3]);
  await expect(pool.query('SELECT * FROM dbo.t')).rejects.toMatchObject({ number: 208 });
  await pool.query('CREATE TABLE dbo.t (a INT, b NVARCHAR(5)) WITH (HEAP)');
  await expect(pool.query(rows)).rejects.toMatchObject({ number: 104467 });
  await expect(pool.query('USE operations')).rejects.toMatchObject({ number: 40508 });
  await expect(pool.query('SELECT * FROM operations.dbo.t')).rejects.toMatchObject({ number: 40515 });
  await pool.close();
  await operations.close();

  await first.stop('SIGKILL');
  const second = await start(first.directory, args);
  const again = await second.connect({ database: 'operations' });
  expect((await again.query('SELECT a, b FROM dbo.t ORDER BY a')).recordset).toEqual([
    { a: 1, b: 'é' },
    { a: 2, b: null },
    { a: 3, b: 'x' },
  ]);
  await again.close();
}, 30_000);

test('rows are loaded in bulk with all their types, all or none', async () => {
  const server = await start();
  const db = await server.connect();
  await db.query(`CREATE TABLE dbo.t (i INT NOT NULL, big BIGINT, bit BIT, f FLOAT, d DECIMAL(9, 2), n NVARCHAR(5), v VARCHAR(9),
    long NVARCHAR(MAX), bin VARBINARY(8), day DATE, at DATETIME2(3), g UNIQUEIDENTIFIER)`);
  const table = (): sql.Table => {
    const made = new sql.Table('dbo.t');
    const types = [sql.Int(), sql.BigInt(), sql.Bit(), sql.Float(), sql.Decimal(9, 2), sql.NVarChar(9), sql.VarChar(9)];
    const more = [sql.NVarChar(sql.MAX), sql.VarBinary(8), sql.Date(), sql.DateTime2(3), sql.UniqueIdentifier()];
    const names = ['i', 'big', 'bit', 'f', 'd', 'n', 'v', 'long', 'bin', 'day', 'at', 'g'];
    for (const [index, type] of [...types, ...more].entries())
      made.columns.add(names[index] ?? '', type, { nullable: true });
    return made;
  };
  const at = new Date('2026-01-31T12:34:56.789Z');
  const guid = 'B6C0A3E1-5A3B-4A0E-9E66-0F6C1B0E4F11';
  const good = table();
  const long = 'lang '.repeat(2000);
  good.rows.add(1, '9007199254740993', true, 0.1, 12.34, 'é', 'v', long, Buffer.from([0, 255]), at, at, guid);
  good.rows.add(2, null, null, null, null, null, null, null, null, null, null, null);
  expect(await db.request().bulk(good)).toMatchObject({ rowsAffected: 2 });
  const { recordset } = await db.query('SELECT * FROM dbo.t ORDER BY i');
  expect(recordset[0]).toEqual({
    ...{ i: 1, big: '9007199254740993', bit: true, f: 0.1, d: 12.34, n: 'é', v: 'v', long },
    ...{ bin: Buffer.from([0, 255]), day: new Date('2026-01-31'), at, g: guid },
  });
  expect(Object.values(recordset[1]).slice(1)).toEqual(Array.from({ length: 11 }, () => null));

  const tooLong = table();
  for (const [i, n] of ['fits', 'too long'].entries())
    tooLong.rows.add(10 + i, null, null, null, null, n, null, null, null, null, null, null);
  await expect(db.request().bulk(tooLong)).rejects.toMatchObject({ number: 2628 });
  const nowhere = new sql.Table('dbo.nowhere');
  nowhere.columns.add('a', sql.Int(), { nullable: true });
  nowhere.rows.add(1);
  await expect(db.request().bulk(nowhere)).rejects.toMatchObject({ number: 208 });

  const transaction = new sql.Transaction(db);
  await transaction.begin();
  const third = table();
  third.rows.add(3, null, null, null, null, null, null, null, null, null, null, null);
  await new sql.Request(transaction).bulk(third);
  await transaction.rollback();
  expect((await db.query('SELECT COUNT(*) n FROM dbo.t')).recordset).toEqual([{ n: 2 }]);
  await db.close();
}, 30_000);
