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

const start = async (directory?: string): Promise<Pool> => {
  const pool = await startPool(directory === undefined ? {} : { directory });
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
