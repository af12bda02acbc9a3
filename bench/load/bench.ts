import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { BenchResult } from '../../scripts/bench.ts';
import { followFiles } from '../../scripts/demo/follow-files.ts';
import { landFile } from '../../scripts/demo/land-files.ts';
import { connectWarehouse } from '../../scripts/provision/warehouse.ts';
import { createLoadWarehouse } from '../../src/activities/load-warehouse.ts';
import { createPublishWarehouse } from '../../src/activities/publish-warehouse.ts';
import { readConfig } from '../../src/shared/config.ts';
import { lakePaths } from '../../src/shared/lake/paths.ts';
import type { Batch } from '../../src/shared/ledger/batch.ts';
import { CONTAINERS } from '../../src/shared/names.ts';
import { createServices } from '../../src/shared/services.ts';
import { median, round, tell } from '../support/figures.ts';
import { FLIGHTS, type Running, SILENT, secondsSince, withStack } from '../support/with-stack.ts';

const REPEATS = 5;
const MONTH = 'flights/2013-01.csv';

interface Sample {
  readonly loadSeconds: number;
  readonly publishSeconds: number;
  readonly bareSeconds: number;
}

/**
 * A month of flights, scored and staged as Parquet, into the published fact table: by the app's own activities (COPY INTO
 * a heap over TDS, then publishing in one transaction), beside bare DuckDB loading the same files into a table on disk.
 */
export default async function benchLoad(): Promise<BenchResult> {
  return withStack(async (running) => {
    const { batch, attempt, rows } = await stageMonth(running);
    const files = await download(running, `${lakePaths.scored('flights', batch.id)}/`);
    const services = createServices(readConfig(running.stack.settings));
    const load = createLoadWarehouse(services);
    const publish = createPublishWarehouse(services);
    const samples: Sample[] = [];
    for (let repeat = 1; repeat <= REPEATS; repeat++) {
      const bareSeconds = await loadBare(files.paths, rows);
      await forgetMonth(running);
      const loading = performance.now();
      await load({ batch, attempt });
      const loadSeconds = secondsSince(loading);
      const publishing = performance.now();
      await publish({ batch, attempt });
      const publishSeconds = secondsSince(publishing);
      await checkRows(running, rows);
      samples.push({ loadSeconds, publishSeconds, bareSeconds });
      console.log(
        `repeat ${repeat}: load ${loadSeconds.toFixed(3)} s, publish ${publishSeconds.toFixed(3)} s, bare ${bareSeconds.toFixed(3)} s`,
      );
    }
    files.remove();
    const middle = (pick: (sample: Sample) => number): number => median(samples.map(pick));
    const figures = {
      rows,
      month_seconds: round(middle((sample) => sample.loadSeconds + sample.publishSeconds)),
      load_seconds: round(middle((sample) => sample.loadSeconds)),
      publish_seconds: round(middle((sample) => sample.publishSeconds)),
      bare_seconds: round(middle((sample) => sample.bareSeconds)),
    };
    tell(`median of ${REPEATS} repeats`, figures);
    return { bench: 'load', ratios: { load_vs_bare: round(figures.month_seconds / figures.bare_seconds) }, figures };
  });
}

/** Brings a month through cleansing and scoring by the app; what the score job staged stays in the lake. */
async function stageMonth({
  api,
  blobs,
}: Running): Promise<{ readonly batch: Batch; readonly attempt: number; readonly rows: number }> {
  const etag = await landFile(blobs, join(FLIGHTS, basename(MONTH)), MONTH);
  const [file] = await followFiles(api, ['flights'], new Map([[MONTH, etag]]), SILENT);
  if (file?.status !== 'published' || file.batch === undefined)
    throw new Error(`${MONTH} is ${file?.status}: ${file?.reason}`);
  const batch = {
    ...{ id: file.batch, dataset: 'flights', number: 1 },
    files: { path: lakePaths.files(file.batch, 'cleansed'), count: 1 },
  };
  // The first scoring asked for a model, the second staged the rows.
  return { batch, attempt: 2, rows: file.rows?.loaded ?? 0 };
}

async function download({ blobs }: Running, prefix: string) {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-load-'));
  const container = blobs.getContainerClient(CONTAINERS.lake);
  const paths: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix })) {
    if (!name.endsWith('.parquet')) continue;
    const path = join(folder, basename(name));
    writeFileSync(path, await container.getBlobClient(name).downloadToBuffer());
    paths.push(path);
  }
  if (paths.length === 0) throw new Error(`There is no Parquet file under ${prefix}`);
  return { paths, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The same files into a table of a database on disk, and that on disk. */
async function loadBare(paths: readonly string[], rows: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-load-'));
  try {
    const instance = await DuckDBInstance.create(join(folder, 'bare.duckdb'));
    const connection = await instance.connect();
    const list = paths.map((path) => `'${path}'`).join(', ');
    const began = performance.now();
    await connection.run(`CREATE TABLE fact_flight AS FROM read_parquet([${list}])`);
    await connection.run('CHECKPOINT');
    const seconds = secondsSince(began);
    const [[loaded] = []] = (await connection.runAndReadAll('SELECT count(*) FROM fact_flight')).getRows();
    connection.closeSync();
    instance.closeSync();
    if (Number(loaded) !== rows) throw new Error(`bare DuckDB loaded ${loaded} of ${rows} rows`);
    return seconds;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Empties the fact table and what says that the month is published, so that it can be again. */
async function forgetMonth({ stack }: Running): Promise<void> {
  const pool = await connectWarehouse(stack.settings);
  await pool.request().batch('DELETE FROM dw.fact_flight;');
  await pool.request().batch("DELETE FROM dw.publication WHERE dataset = 'flights';");
  await pool.close();
}

async function checkRows({ stack }: Running, rows: number): Promise<void> {
  const pool = await connectWarehouse(stack.settings);
  const { recordset } = await pool.request().query<{ rows: number }>('SELECT COUNT(*) AS rows FROM dw.fact_flight');
  await pool.close();
  if (recordset[0]?.rows !== rows) throw new Error(`The warehouse has ${recordset[0]?.rows} of ${rows} rows`);
}
