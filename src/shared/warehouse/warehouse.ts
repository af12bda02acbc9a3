import sql from 'mssql';
import type { Contract, WarehouseTable } from '../contracts/contract.ts';
import { keepsHistory } from '../contracts/history.ts';
import { LandfallError } from '../errors.ts';
import { chunks } from '../some-at-once.ts';
import {
  alterStatements,
  alterViewStatements,
  COLUMNS_QUERY,
  currentViewName,
  FILES_PER_STATEMENT,
  loadStatements,
  publishStatements,
  removeFilesStatement,
  type TableColumn,
} from './statements.ts';

/** The star schema that analysts query. */
export interface Warehouse {
  /**
   * Loads a batch's Parquet files into the staging table, and gives the published one the columns that it lacks; gives the
   * rows loaded. Repeating it changes nothing.
   */
  load(contract: Contract, url: string): Promise<number>;
  /**
   * Publishes the staged rows of a batch in one transaction: they take the place of what earlier versions of its files
   * brought. Does nothing when the batch is published already.
   * @throws LandfallError when another number of rows than `rows` was staged; nothing is published then
   */
  publish(
    contract: Contract,
    batch: { readonly id: string; readonly number: number; readonly refresh?: string },
    files: readonly string[],
    rows: number,
  ): Promise<void>;
  /** Answers a trivial query, or throws. */
  ping(): Promise<void>;
}

/** A warehouse in a Synapse dedicated SQL pool. `connect` gives an open pool, the same one each time while it lives. */
export function createWarehouse(connect: () => Promise<sql.ConnectionPool>): Warehouse {
  return {
    async load(contract, url) {
      const table = tableOf(contract);
      const pool = await connect();
      await alterTable(pool, contract, table);
      for (const statement of loadStatements(contract, table, url)) await pool.request().batch(statement);
      const { recordset } = await pool
        .request()
        .query<{ loaded: number }>(`SELECT COUNT(*) AS loaded FROM stage.${table.table}`);
      return recordset[0]?.loaded ?? 0;
    },
    async publish(contract, batch, files, rows) {
      const table = tableOf(contract);
      const transaction = new sql.Transaction(await connect());
      const run = (statement: string): Promise<sql.IResult<{ batch: string }>> =>
        transaction
          .request()
          .input('dataset', sql.NVarChar(64), contract.dataset)
          .input('version', sql.Int, batch.number)
          .input('batch', sql.NVarChar(64), batch.id)
          .query(statement);
      const removeFiles = async (some: readonly string[]): Promise<void> => {
        const request = transaction.request();
        for (const [index, file] of some.entries()) request.input(`file${index}`, sql.NVarChar(1024), file);
        await request.query(removeFilesStatement(table, some.length));
      };
      await transaction.begin();
      try {
        const { recordset } = await run('SELECT batch FROM dw.publication WHERE dataset = @dataset');
        if (recordset[0]?.batch !== batch.id) {
          const { remove, insert, record } = publishStatements(contract, table, batch.refresh !== undefined);
          for (const some of chunks(files, FILES_PER_STATEMENT)) await removeFiles(some);
          for (const statement of remove) await run(statement);
          const inserted = (await run(insert)).rowsAffected.reduce((sum, count) => sum + count, 0);
          if (inserted !== rows) {
            throw new LandfallError('RowsLost', `${rows} rows were to be published, ${inserted} were staged.`);
          }
          for (const statement of record) await run(statement);
        }
        await transaction.commit();
      } catch (cause) {
        await transaction.rollback().catch(() => undefined); // the pool may have rolled back already; the cause is what matters
        throw new LandfallError('WarehousePublishFailed', `Publishing ${batch.id} in ${table.table} failed`, { cause });
      }
    },
    async ping() {
      await (await connect()).request().query('SELECT 1 AS alive');
    },
  };
}

/**
 * Brings the published table to the contract, outside the transaction that publishes, since a dedicated pool takes no DDL
 * inside one. What a batch that then fails leaves is a column that nobody has filled.
 */
export async function alterTable(pool: sql.ConnectionPool, contract: Contract, table: WarehouseTable): Promise<void> {
  const known = async (name: string): Promise<readonly TableColumn[]> =>
    (await pool.request().input('table', sql.NVarChar(128), name).query<TableColumn>(COLUMNS_QUERY)).recordset;
  for (const statement of alterStatements(contract, table, await known(table.table)))
    await pool.request().batch(statement);
  if (!keepsHistory(contract)) return;
  const view = await known(currentViewName(table));
  for (const statement of alterViewStatements(contract, table, view)) await pool.request().batch(statement);
}

function tableOf(contract: Contract): NonNullable<Contract['warehouse']> {
  if (contract.warehouse === undefined) {
    throw new LandfallError('NoWarehouseTable', `The contract of '${contract.dataset}' declares no warehouse table.`);
  }
  return contract.warehouse;
}
