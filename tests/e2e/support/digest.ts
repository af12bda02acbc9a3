import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectWarehouse } from '../../../scripts/provision/warehouse.ts';
import { pythonProgram } from '../../../scripts/stack/endpoints.ts';
import type { TestStack } from './test-stack.ts';

/** What a stack ends with: one hash for each place that data lies in, with the number of rows. */
export interface Digest {
  readonly warehouse: string;
  readonly lake: string;
  readonly insights: string;
  readonly books: string;
}

/** Hashes the final fact table, the silver table, all served insights and the ledger's books; without some columns of the rows. */
export async function digest(stack: TestStack, without: readonly string[] = []): Promise<Digest> {
  return {
    warehouse: await hashWarehouse(stack, without),
    lake: await hashSilver(stack, without),
    insights: await hashInsights(stack),
    books: await hashBooks(stack),
  };
}

/** The rows are hashed where they are: hundreds of thousands would take many seconds to come over. */
async function hashWarehouse({ settings }: TestStack, without: readonly string[]): Promise<string> {
  const found = await queryWarehouse(
    settings,
    "SELECT COLUMN_NAME AS name FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'dw' AND TABLE_NAME = 'fact_flight'",
  );
  const names = found.map(({ name }) => String(name)).filter((name) => !without.includes(name));
  const columns = names.sort().map((name) => `[${name}]`);
  const sum = (salt: number): string => `SUM(CAST(CHECKSUM(${[...columns, salt].join(', ')}) AS BIGINT))`;
  const [row] = await queryWarehouse(
    settings,
    `SELECT COUNT(*) AS number, ${sum(1)} AS once, ${sum(2)} AS twice, ${sum(3)} AS thrice FROM dw.fact_flight`,
  );
  return `${names.length} columns, ${JSON.stringify(row)}`;
}

/** Runs a query on the warehouse of a stack. */
export async function queryWarehouse(
  settings: TestStack['settings'],
  query: string,
): Promise<readonly Record<string, unknown>[]> {
  const pool = await connectWarehouse(settings);
  try {
    return (await pool.request().query<Record<string, unknown>>(query)).recordset;
  } finally {
    await pool.close();
  }
}

async function hashSilver({ settings, ports }: TestStack, without: readonly string[]): Promise<string> {
  const python = pythonProgram('python');
  const { stdout } = await promisify(execFile)(
    python,
    [
      join(import.meta.dirname, 'silver_digest.py'),
      'silver/flights',
      ...without,
      ...(without.includes('_batch') ? ['_published_by'] : []),
    ],
    {
      env: {
        ...process.env,
        AZURE_STORAGE_USE_EMULATOR: 'true',
        AZURITE_BLOB_STORAGE_URL: `http://127.0.0.1:${ports.azurite}`,
        AZURE_STORAGE_ACCOUNT_NAME: settings.STORAGE_ACCOUNT_NAME,
        AZURE_STORAGE_ACCOUNT_KEY: settings.STORAGE_ACCOUNT_KEY,
      },
    },
  );
  return stdout.trim();
}

async function hashInsights({ client }: TestStack): Promise<string> {
  const { insights } = await client.get<{ insights: { href: string }[] }>('/insights');
  const pages = await Promise.all(insights.map(({ href }) => client.all<unknown>(href.slice('/api'.length))));
  return hash(pages.flat());
}

async function hashBooks({ client }: TestStack): Promise<string> {
  const files = await client.all<{ path: string; status: string; rows?: unknown }>('/files?dataset=flights');
  return hash(
    files.map(({ path, status, rows }) => ({ path, status, rows })).sort((a, b) => a.path.localeCompare(b.path)),
  );
}

function hash(rows: readonly unknown[]): string {
  return `${rows.length} rows ${createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16)}`;
}
