import { DuckDBInstance } from '@duckdb/node-api';
import { FLIGHTS, REFERENCE } from './test-stack.ts';

/** The raw CSV files as views, read by DuckDB itself: nothing of the app takes part. */
const VIEWS = `
  CREATE VIEW planes AS FROM read_csv('${REFERENCE}/planes.csv', nullstr = 'NA');
  CREATE VIEW airlines AS FROM read_csv('${REFERENCE}/airlines.csv', nullstr = 'NA');
  CREATE VIEW weather AS FROM read_csv('${REFERENCE}/weather.csv', nullstr = 'NA');
  CREATE VIEW flights AS FROM read_csv('${FLIGHTS}/*.csv', nullstr = 'NA');
`;

/** Answers a query over the raw files; numbers are numbers, dates ISO texts. */
export async function queryRawFiles(query: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const statement of VIEWS.split(';').filter((text) => text.trim() !== '')) await connection.run(statement);
    const reader = await connection.runAndReadAll(query);
    return reader
      .getRowObjectsJS()
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
  } finally {
    connection.closeSync();
  }
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Date ? value.toISOString().slice(0, 10) : value;
}
