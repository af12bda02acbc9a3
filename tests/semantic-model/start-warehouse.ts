import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type sql from 'mssql';
import { provisionWarehouse } from '../../scripts/provision/warehouse.ts';
import { startPool } from '../emulators/synapse/pool.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const RAW = join(ROOT, '.data');

/** The raw files as views; what the warehouse is filled from and what bare queries read. */
export const RAW_VIEWS: readonly string[] = [
  `CREATE VIEW raw_flights AS SELECT *, dep_time IS NULL AS cancelled, dep_time IS NOT NULL AND arr_delay IS NULL AS diverted,
     make_date(year, month, day) AS day_of_flight,
     CASE WHEN dep_time IS NULL THEN NULL ELSE ((flight * 7 + sched_dep_time * 13 + distance) % 1000) / 1000.0 END AS risk
   FROM read_csv('${RAW}/flights/2013-*.csv', header = true, nullstr = ['', 'NA'], filename = true)`,
  `CREATE VIEW raw_airlines AS SELECT * FROM read_csv('${RAW}/reference/airlines.csv', header = true, nullstr = ['', 'NA'])`,
  `CREATE VIEW raw_airports AS SELECT * FROM read_csv('${RAW}/reference/airports.csv', header = true, nullstr = ['', 'NA', '\\N'])`,
  `CREATE VIEW raw_planes AS SELECT * FROM read_csv('${RAW}/reference/planes.csv', header = true, nullstr = ['', 'NA'])`,
];

/** What each table of the warehouse is filled with, in the order of its columns. */
const FILLS: Readonly<Record<string, string>> = {
  fact_flight: `SELECT (year * 10000 + month * 100 + day)::INT, carrier, flight::INT, origin, dest, tailnum, time_hour::TIMESTAMP, day_of_flight,
      sched_dep_time::INT, dep_time::INT, dep_delay::INT, sched_arr_time::INT, arr_time::INT, arr_delay::INT, air_time::INT, distance::INT,
      CASE WHEN cancelled THEN 'cancelled' WHEN diverted THEN 'diverted' ELSE 'operated' END, risk::DOUBLE,
      parse_filename(filename), 1::INT, 'flights-00000001', 'test'
    FROM raw_flights`,
  dim_carrier: `SELECT carrier, name, 'airlines.csv', 1::INT, 'airlines-00000001' FROM raw_airlines`,
  dim_airport: `SELECT faa, name, lat::DOUBLE, lon::DOUBLE, alt::INT, tz::DOUBLE, dst, tzone, 'airports.csv', 1::INT, 'airports-00000001' FROM raw_airports`,
  dim_plane: `SELECT tailnum, year::INT, type, manufacturer, model, engines::INT, seats::INT, engine, TIMESTAMP '2026-01-01', TIMESTAMP '9999-12-31', true, 'planes.csv', 1::INT, 'planes-00000001' FROM raw_planes`,
};

/** A warehouse with a year of flights in it. */
export interface Warehouse {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  connect(): Promise<sql.ConnectionPool>;
  stop(): Promise<void>;
}

/** Starts a Synapse emulator and fills its star schema from the raw files of `.data` by COPY INTO. */
export async function startWarehouse(): Promise<Warehouse> {
  const lake = mkdtempSync(join(tmpdir(), 'power-bi-lake-'));
  await writeParquet(lake);
  const storage = await serveFolder(lake);
  const pool = await startPool({ storage: `http://127.0.0.1:${(storage.address() as AddressInfo).port}/account` });
  const login = { port: pool.port, user: 'landfall', password: 'Local-pass-1', database: 'landfall' };
  await provisionWarehouse({
    SYNAPSE_SERVER: '127.0.0.1',
    SYNAPSE_PORT: String(login.port),
    SYNAPSE_DATABASE: login.database,
    SYNAPSE_USER: login.user,
    SYNAPSE_PASSWORD: login.password,
    SYNAPSE_ENCRYPT: 'false',
  });
  const connection = await pool.connect();
  for (const table of Object.keys(FILLS)) {
    await connection
      .request()
      .batch(
        `COPY INTO dw.${table} FROM 'https://account.blob.core.windows.net/lake/${table}.parquet' WITH (FILE_TYPE = 'PARQUET', CREDENTIAL = (IDENTITY = 'Managed Identity'))`,
      );
  }
  await connection
    .request()
    .batch(
      "INSERT INTO dw.publication (dataset, version, batch, published_at) VALUES ('flights', 7, 'flights-00000007', SYSUTCDATETIME())",
    );
  await connection.close();
  return {
    ...login,
    connect: () => pool.connect(),
    async stop() {
      await pool.stop();
      storage.close();
      storage.closeAllConnections();
      for (const folder of [lake, pool.directory]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function writeParquet(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const view of RAW_VIEWS) await connection.run(view);
  for (const [table, select] of Object.entries(FILLS)) {
    await connection.run(`COPY (${select}) TO '${join(folder, `${table}.parquet`)}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
}

/** Blob Storage for reading: List Blobs and Get Blob over a folder, whatever the signature. */
async function serveFolder(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://storage');
    if (url.searchParams.get('comp') === 'list') {
      const prefix = url.searchParams.get('prefix') ?? '';
      const blobs = readdirSync(folder)
        .filter((name) => name.startsWith(prefix))
        .map((name) => {
          const size = statSync(join(folder, name)).size;
          return `<Blob><Name>${name}</Name><Properties><Content-Length>${size}</Content-Length></Properties></Blob>`;
        });
      response.end(`<EnumerationResults><Blobs>${blobs.join('')}</Blobs><NextMarker/></EnumerationResults>`);
    } else {
      response.end(readFileSync(join(folder, basename(url.pathname))));
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}
