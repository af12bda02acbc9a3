import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type sql from 'mssql';
import { type Pool, removeDirectory, startPool, storageKey } from './pool.ts';

const root = resolve(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'synapse-lake-'));
let azurite: ChildProcess;
let lake: ContainerClient;
let pool: Pool;
let db: sql.ConnectionPool;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const parquet = (name: string, columns: string): Buffer => {
  const file = join(work, name);
  const program = `import sys, datetime as d, decimal, pyarrow as pa, pyarrow.parquet as pq
pq.write_table(pa.table(${columns}), sys.argv[1])`;
  execFileSync(join(root, '.venv/bin/python'), ['-c', program, file]);
  return readFileSync(file);
};

const upload = async (path: string, data: Buffer): Promise<void> => {
  await lake.getBlockBlobClient(path).uploadData(data);
};

beforeAll(async () => {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}/devstoreaccount1`;
  azurite = spawn(
    process.execPath,
    [
      join(root, 'node_modules/.bin/azurite-blob'),
      '--skipApiVersionCheck',
      '--blobPort',
      String(port),
      '--location',
      work,
      '--silent',
    ],
    { stdio: 'ignore' },
  );
  const credential = new StorageSharedKeyCredential(
    storageKey.AZURE_STORAGE_ACCOUNT_NAME,
    storageKey.AZURE_STORAGE_ACCOUNT_KEY,
  );
  lake = new BlobServiceClient(base, credential, {
    retryOptions: { maxTries: 20, retryDelayInMs: 100, maxRetryDelayInMs: 200 },
  }).getContainerClient('lake');
  [pool] = await Promise.all([startPool({ storage: base }), lake.create()]);
  db = await pool.connect();
  const typed = `{'k': ['a', 'b'], 'n': pa.array([1, None], pa.int32()), 'at': pa.array([d.datetime(2013, 1, 1, 5, 0, 0, 600000), None], pa.timestamp('us', tz='UTC')),
    'share': pa.array([decimal.Decimal('0.1250'), None], pa.decimal128(9, 4)), 'f': [1.5, None], 'ok': [True, None], 'day': [d.date(2013, 1, 1), None]}`;
  const first = parquet('first.parquet', typed);
  await upload('typed/part-0.parquet', first);
  await upload('typed/part-1.parquet', parquet('second.parquet', typed.replace("'a', 'b'", "'c', 'd'")));
  await upload('typed/_SUCCESS', Buffer.from('not parquet'));
  await upload('typed/_delta_log/0.parquet', first);
  await upload('typed/.hidden.parquet', Buffer.from('not parquet'));
  await upload('wrong/part-0.parquet', parquet('wrong.parquet', "{'k': ['a'], 'n': pa.array([1], pa.int64())}"));
  await upload('long/part-0.parquet', parquet('long.parquet', "{'k': ['abcdefghijk']}"));
  await upload('rows.csv', Buffer.from('k,n\n"x, y",1\nz,\n'));
}, 30_000);

afterAll(async () => {
  const ended = once(azurite, 'exit');
  azurite.kill('SIGKILL');
  await ended;
  await db.close();
  await pool.stop();
  removeDirectory(pool.directory);
  removeDirectory(work);
});

const typedTable = async (name: string): Promise<void> => {
  await db.query(
    `CREATE TABLE dbo.${name} (k NVARCHAR(8), n INT, at DATETIME2(0), share DECIMAL(9,4), f FLOAT, ok BIT, day DATE) WITH (HEAP)`,
  );
};

test.each([
  ['wildcard', 'https://account.blob.core.windows.net/lake/typed/*.parquet'],
  ['folder', 'https://account.dfs.core.windows.net/lake/typed/'],
])('loads the files of a %s, leaving hidden ones out', async (name, url) => {
  await typedTable(name);
  const loaded = await db.query(
    `COPY INTO dbo.${name} FROM '${url}' WITH (FILE_TYPE = 'PARQUET', CREDENTIAL = (IDENTITY = 'Managed Identity'))`,
  );
  expect(loaded.rowsAffected).toEqual([4]);
  expect((await db.query(`SELECT * FROM dbo.${name} WHERE k < 'c' ORDER BY k`)).recordset).toEqual([
    {
      k: 'a',
      n: 1,
      at: new Date('2013-01-01T05:00:01Z'),
      share: 0.125,
      f: 1.5,
      ok: true,
      day: new Date('2013-01-01T00:00:00Z'),
    },
    { k: 'b', n: null, at: null, share: null, f: null, ok: null, day: null },
  ]);
});

test('takes columns by field number and fills defaults', async () => {
  await db.query('CREATE TABLE dbo.picked (n INT NOT NULL, k NVARCHAR(8), note NVARCHAR(5)) WITH (HEAP)');
  await db.query(
    `COPY INTO dbo.picked (n DEFAULT -1 2, k 1) FROM 'https://account.blob.core.windows.net/lake/typed/part-0.parquet' WITH (FILE_TYPE = 'PARQUET')`,
  );
  expect((await db.query('SELECT * FROM dbo.picked ORDER BY k')).recordset).toEqual([
    { n: 1, k: 'a', note: null },
    { n: -1, k: 'b', note: null },
  ]);
});

test('names the file and the column when a type does not fit, and loads nothing', async () => {
  await db.query('CREATE TABLE dbo.narrow (k NVARCHAR(8), n INT) WITH (HEAP)');
  const copy = db.query(
    `COPY INTO dbo.narrow FROM 'https://account.blob.core.windows.net/lake/wrong/' WITH (FILE_TYPE = 'PARQUET')`,
  );
  await expect(copy).rejects.toMatchObject({
    number: 106000,
    message: expect.stringMatching(/wrong\/part-0\.parquet.*'n'.*int64.*int/),
  });
  const long = db.query(
    `COPY INTO dbo.narrow (k 1) FROM 'https://account.blob.core.windows.net/lake/typed/part-0.parquet', 'https://account.blob.core.windows.net/lake/long/' WITH (FILE_TYPE = 'PARQUET')`,
  );
  await expect(long).rejects.toMatchObject({ number: 2628, message: expect.stringContaining('long/part-0.parquet') });
  expect((await db.query('SELECT COUNT(*) n FROM dbo.narrow')).recordset).toEqual([{ n: 0 }]);
});

test('loads CSV with a header, quotes and missing values', async () => {
  await db.query('CREATE TABLE dbo.csv (k NVARCHAR(8), n INT) WITH (HEAP)');
  await db.query(
    `COPY INTO dbo.csv FROM 'https://account.blob.core.windows.net/lake/rows.csv' WITH (FILE_TYPE = 'CSV', FIRSTROW = 2)`,
  );
  expect((await db.query('SELECT * FROM dbo.csv ORDER BY k')).recordset).toEqual([
    { k: 'x, y', n: 1 },
    { k: 'z', n: null },
  ]);
});

test('is rolled back with the transaction around it', async () => {
  await typedTable('undone');
  const copy = `COPY INTO dbo.undone FROM 'https://account.blob.core.windows.net/lake/typed/part-0.parquet' WITH (FILE_TYPE = 'PARQUET')`;
  await db.query(`BEGIN TRAN; ${copy}; ROLLBACK`);
  expect((await db.query('SELECT COUNT(*) n FROM dbo.undone')).recordset).toEqual([{ n: 0 }]);
});

test('says so when nothing matches or the secret is wrong', async () => {
  await typedTable('missing');
  const copy = (url: string, credential = '') =>
    db.query(`COPY INTO dbo.missing FROM '${url}' WITH (FILE_TYPE = 'PARQUET'${credential})`);
  await expect(copy('https://account.blob.core.windows.net/lake/none/*.parquet')).rejects.toThrow('no file matches');
  const wrong = ", CREDENTIAL = (IDENTITY = 'Storage Account Key', SECRET = 'd3Jvbmc=')";
  await expect(copy('https://account.blob.core.windows.net/lake/typed/', wrong)).rejects.toThrow('HTTP 403');
  await expect(copy('ftp://elsewhere/x')).rejects.toThrow('not a location');
});
