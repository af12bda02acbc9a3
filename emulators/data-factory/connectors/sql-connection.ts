import sql from 'mssql';
import { optionalString } from '../definitions/json.ts';
import { ActivityError } from '../engine/activity-error.ts';
import type { LinkedService } from './connections.ts';

const SQL_SERVICES: readonly string[] = ['AzureSqlDatabase', 'AzureSqlDW', 'AzureSqlMI', 'SqlServer'];
const CONNECT_TIMEOUT_MS = 30_000;

/** Whether a linked service is a database that speaks TDS. */
export function isSqlService({ type }: LinkedService): boolean {
  return SQL_SERVICES.includes(type);
}

/**
 * Connects to a linked service's database, does the work, and closes the connection; an abort closes it at once.
 * @throws ActivityError when the connection cannot be made, or the database reports an error.
 */
export async function withSql<T>(
  service: LinkedService,
  signal: AbortSignal,
  work: (pool: sql.ConnectionPool) => Promise<T>,
): Promise<T> {
  const pool = new sql.ConnectionPool(readSqlConfig(service));
  const close = (): void => void pool.close().catch(() => undefined);
  try {
    await pool.connect();
  } catch (error) {
    throw failure('SqlFailedToConnect', `Cannot connect to SQL Database '${service.name}'`, error);
  }
  signal.addEventListener('abort', close, { once: true });
  try {
    return await work(pool);
  } catch (error) {
    if (error instanceof ActivityError || signal.aborted) throw error;
    throw failure('SqlOperationFailed', 'A database operation failed with the following error', error);
  } finally {
    signal.removeEventListener('abort', close);
    await pool.close().catch(() => undefined);
  }
}

function failure(code: string, what: string, cause: unknown): ActivityError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ActivityError(code, `ErrorCode=${code}, ${what}: ${message}`, { cause });
}

/** Reads a connection string (or the newer separate properties) into the driver's settings. */
export function readSqlConfig(service: LinkedService): sql.config {
  const { properties } = service;
  if (!isSqlService(service)) {
    throw new ActivityError('UnsupportedLinkedService', `'${service.name}' (${service.type}) is no SQL database.`);
  }
  const text = optionalString(properties, 'connectionString') ?? '';
  const pairs = new Map(
    [...text.matchAll(/\s*([^=;]+?)\s*=\s*("[^"]*"|'[^']*'|[^;]*)/g)].map(([, key = '', value = '']) => [
      key.toLowerCase().replace(/\s+/g, ''),
      value.trim().replace(/^(["'])(.*)\1$/, '$2'),
    ]),
  );
  const pick = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = pairs.get(name.toLowerCase()) ?? optionalString(properties, name);
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
  const address = pick('server', 'dataSource', 'address', 'addr', 'networkAddress');
  const user = pick('userId', 'uid', 'user', 'userName');
  const password = optionalString(properties, 'password') ?? pick('pwd', 'password');
  if (address === undefined) throw new ActivityError('InvalidConnectionString', `'${service.name}' names no server.`);
  if (user === undefined || password === undefined) {
    throw new ActivityError(
      'InvalidConnectionString',
      `'${service.name}' needs a user and a password; logins of a managed identity are not emulated.`,
    );
  }
  const [, server = address, port] = /^(?:tcp:)?([^,]+)(?:,\s*(\d+))?$/i.exec(address) ?? [];
  const encrypt = (pick('encrypt') ?? 'true').toLowerCase();
  const database = pick('initialCatalog', 'database');
  return {
    server,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(database === undefined ? {} : { database }),
    user,
    password,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: 0, // the activity's own timeout holds
    pool: { min: 0, max: 4 },
    arrayRowMode: true,
    options: {
      encrypt: !['false', 'no', 'optional'].includes(encrypt),
      trustServerCertificate: /^(true|yes)$/i.test(pick('trustServerCertificate') ?? 'false'),
      useUTC: true,
    },
  };
}
