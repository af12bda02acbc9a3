import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteName } from '../dax/sql-text.ts';
import type { RunSql } from '../dax/table-query.ts';
import { createSnapshotBuilder, type SnapshotBuilder } from './snapshot-builder.ts';

type ReturnedRows = (number | string | boolean | null)[][];

/** The copies of the model's data that a service keeps: one that is shown and, while a refresh runs, one that it fills. */
export interface Snapshots {
  /** Begins a copy; nothing of it exists before its commit. */
  begin(name: string): Promise<SnapshotBuilder>;
  /** Reads one copy; it stays whole for the length of `work` even if it is dropped meanwhile. */
  read<T>(name: string, work: (run: RunSql) => Promise<T>): Promise<T>;
  /** Drops all copies but this one. */
  keepOnly(name: string | undefined): Promise<void>;
  close(): void;
}

/** Beyond it DuckDB goes to disk: a laptop has other things to hold in memory than caches of this. */
const MEMORY_LIMIT = '192MB';

/** Opens or makes the DuckDB file of a service; each snapshot is a schema in it. */
export async function openSnapshots(folder: string, service: string): Promise<Snapshots> {
  mkdirSync(folder, { recursive: true });
  const options = { threads: '2', memory_limit: MEMORY_LIMIT };
  const instance = await DuckDBInstance.create(join(folder, `${service}.duckdb`), options);
  return {
    begin: async (name) => createSnapshotBuilder(await instance.connect(), name),
    async read(name, work) {
      const connection = await instance.connect();
      const asked: Promise<unknown>[] = [];
      let isOver = false;
      const run: RunSql = (sql) => {
        if (isOver) return Promise.reject(new Error('The query has ended.'));
        // table-query.ts selects no other types
        const rows = connection.runAndReadAll(sql).then((found) => found.getRows() as ReturnedRows);
        asked.push(rows);
        return rows;
      };
      try {
        await connection.run(`SET schema = '${name}'`);
        await connection.run('BEGIN TRANSACTION READ ONLY');
        return await work(run);
      } finally {
        isOver = true; // work that failed may have left questions open
        await Promise.allSettled(asked);
        connection.closeSync();
      }
    },
    async keepOnly(name) {
      const connection = await instance.connect();
      try {
        const found = await connection.runAndReadAll(
          "SELECT DISTINCT schema_name FROM duckdb_schemas() WHERE schema_name LIKE 'snapshot%' AND NOT internal",
        );
        for (const [schema] of found.getRows()) {
          if (schema !== name) await connection.run(`DROP SCHEMA ${quoteName(String(schema))} CASCADE`);
        }
      } finally {
        connection.closeSync();
      }
    },
    close: () => instance.closeSync(),
  };
}
