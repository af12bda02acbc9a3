import { DuckDBInstance } from '@duckdb/node-api';
import { runQuery } from '../../../emulators/power-bi/dax/run-query.ts';
import { parseModel } from '../../../emulators/power-bi/model/parse-model.ts';
import { SMALL_MODEL, SMALL_ROWS } from './small-model.ts';

const model = parseModel(SMALL_MODEL);

const TABLES = [
  `CREATE TABLE "Product" AS SELECT * FROM (VALUES ${SMALL_ROWS.product.join(', ')}) t("Key", "Name", "Category")`,
  `CREATE TABLE "Date" AS SELECT "Date"::TIMESTAMP AS "Date", "Month", "Year" FROM (VALUES ${SMALL_ROWS.calendar.join(', ')}) t("Date", "Month", "Year")`,
  `CREATE TABLE "Sales" AS SELECT "Date"::TIMESTAMP AS "Date", "Product Key", "Customer", "Amount"::DOUBLE AS "Amount", "Paid"::BOOLEAN AS "Paid"
   FROM (VALUES ${SMALL_ROWS.sales.join(', ')}) t("Date", "Product Key", "Customer", "Amount", "Paid")`,
];

type Cells = readonly (number | string | boolean | null)[];

/** Answers DAX over the shop: its rows, or the message of its error. */
export async function openSmallModel(): Promise<{ ask(dax: string): Promise<readonly Cells[]>; close(): void }> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  for (const table of TABLES) await connection.run(table);
  return {
    async ask(dax) {
      const table = await runQuery(model, dax, async (sql) => {
        return (await connection.runAndReadAll(sql)).getRows() as Cells[];
      });
      return table.rows;
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
