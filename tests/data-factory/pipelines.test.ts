import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type sql from 'mssql';
import { type Factory, newFactory } from '../emulators/data-factory/factory.ts';
import { ACCOUNT, KEY, pathsIn, type Storage, startStorage, textOf } from '../emulators/data-factory/storage.ts';
import { type Pool, removeDirectory, startPool } from '../emulators/synapse/pool.ts';
import { deploy, ROOT } from './deploy.ts';

let storage: Storage;
let database: Pool;
let connection: sql.ConnectionPool;
let factory: Factory;
let landing: ContainerClient;
let web: Server;

beforeAll(async () => {
  [storage, database] = await Promise.all([startStorage(), startPool()]);
  connection = await database.connect();
  for (const statement of readFileSync(join(ROOT, 'operational-database', 'schema.sql'), 'utf8').split(/^GO$/m)) {
    if (statement.trim() !== '') await connection.request().batch(statement);
  }
  web = createServer((request, response) => {
    if (request.url === '/media/photo.bin') response.end(Buffer.from([0, 255, 1, 254]));
    else response.writeHead(404).end('no such file');
  }).listen(0, '127.0.0.1');
  landing = await storage.container('landing');
  factory = await newFactory({
    accountKeys: { [ACCOUNT]: KEY },
    secrets: { 'operations-database-password': 'Local-pass-1' },
  });
  await deploy(factory, {
    operationsServer: `127.0.0.1,${database.port}`,
    operationsDatabase: 'landfall',
    operationsUser: 'landfall',
    operationsEncrypt: 'false',
    landingUrl: storage.url,
    httpSourceUrl: `http://127.0.0.1:${(web.address() as { port: number }).port}/media`,
  });
}, 30_000);

afterAll(async () => {
  await factory?.[Symbol.asyncDispose]();
  await connection?.close();
  await database?.stop();
  if (database !== undefined) removeDirectory(database.directory);
  await storage?.stop();
  web?.close();
}, 30_000);

test('reference tables are copied once, then only what changed, and a failing table fails the run but not the others', async () => {
  const query = (text: string) => connection.request().query(text);
  await query(`INSERT INTO ops.planes (tailnum, year, type, manufacturer, model, engines, seats, speed, engine, modified_at)
    SELECT 'N10156', 2004, 'Fixed wing multi engine', 'EMBRAER', 'EMB-145XR', 2, 55, NULL, 'Turbo-fan', '2026-01-01T00:00:00'
    UNION ALL
    SELECT 'N102UW', 1998, 'Fixed, "wide"', 'AIRBUS INDUSTRIE', 'A320-214', 2, 182, 107.5, 'Turbo-fan', '2026-01-01T00:00:00.5'`);
  await query(`INSERT INTO ops.weather (origin, year, month, day, hour, temp, time_hour, modified_at)
    VALUES ('EWR', 2013, 1, 1, 1, 39.02, '2013-01-01T06:00:00', '2026-01-01')`);
  const first = await factory.run('copy-reference-tables');
  expect(first.message).toBe('');
  expect(first.status).toBe('Succeeded');
  expect(await pathsIn(landing, 'reference/')).toEqual([
    'reference/planes-20260101T0000005000000.csv',
    'reference/weather-20260101T0000000000000.csv',
  ]);
  // A query without an order gives its rows in any: the lines after the header are compared as a set.
  const planes = await textOf(landing, 'reference/planes-20260101T0000005000000.csv');
  const [header, ...rows] = planes.split('\n');
  expect(header).toBe('tailnum,year,type,manufacturer,model,engines,seats,speed,engine');
  expect(rows.toSorted()).toEqual([
    '',
    'N10156,2004,Fixed wing multi engine,EMBRAER,EMB-145XR,2,55,,Turbo-fan',
    'N102UW,1998,"Fixed, ""wide""",AIRBUS INDUSTRIE,A320-214,2,182,107.5,Turbo-fan',
  ]);
  expect(await textOf(landing, 'reference/weather-20260101T0000000000000.csv')).toContain(
    'EWR,2013,1,1,1,39.02,,,,,,,,,2013-01-01T06:00:00Z',
  );
  const copies = (await factory.activities(first.runId ?? '')).filter(({ activityType }) => activityType === 'Copy');
  expect(copies.map(({ output }) => [output.rowsRead, output.rowsCopied]).sort()).toEqual([
    [1, 1],
    [2, 2],
  ]);

  const second = await factory.run('copy-reference-tables');
  expect(second.status).toBe('Succeeded');
  expect(await pathsIn(landing, 'reference/')).toHaveLength(2);

  await query("UPDATE ops.planes SET seats = 60, modified_at = '2026-02-01' WHERE tailnum = 'N10156'");
  await query("UPDATE etl.copied_table SET source_table = 'ops.nowhere' WHERE table_name = 'airlines'");
  const third = await factory.run('copy-reference-tables');
  expect(third).toMatchObject({ status: 'Failed', message: expect.stringContaining('Table airlines: ') });
  expect(await textOf(landing, 'reference/planes-20260201T0000000000000.csv')).toBe(
    'tailnum,year,type,manufacturer,model,engines,seats,speed,engine\n' +
      'N10156,2004,Fixed wing multi engine,EMBRAER,EMB-145XR,2,60,,Turbo-fan\n',
  );
  const { recordset } = await query(
    'SELECT table_name, run_id, failed_run_id, failure, rows_copied FROM etl.copied_table',
  );
  const byTable = new Map(recordset.map((row: Record<string, unknown>) => [row.table_name, row]));
  expect(byTable.get('planes')).toMatchObject({ run_id: third.runId, failed_run_id: null });
  expect(Number(byTable.get('planes')?.rows_copied)).toBe(1);
  expect(byTable.get('airlines')).toMatchObject({
    failed_run_id: third.runId,
    failure: expect.stringContaining('nowhere'),
  });
}, 60_000);

test('files are copied from an HTTP server byte for byte; one that is missing fails the run but not the others', async () => {
  const run = await factory.run('copy-http-files', {
    files: [
      { path: 'photo.bin', folder: 'media', file: 'photo.bin' },
      { path: 'gone.bin', folder: 'media', file: 'gone.bin' },
    ],
  });
  expect(run).toMatchObject({
    status: 'Failed',
    message: expect.stringContaining('File gone.bin: The HttpStatusCode 404'),
  });
  expect(await landing.getBlobClient('media/photo.bin').downloadToBuffer()).toEqual(Buffer.from([0, 255, 1, 254]));
  expect(await pathsIn(landing, 'media/')).toEqual(['media/photo.bin']);
}, 120_000);
