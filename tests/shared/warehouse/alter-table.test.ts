import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Contract } from '../../../src/shared/contracts/contract.ts';
import { withEvolved } from '../../../src/shared/contracts/evolved-columns.ts';
import { COLUMNS_QUERY, schemaStatements } from '../../../src/shared/warehouse/statements.ts';
import { alterTable } from '../../../src/shared/warehouse/warehouse.ts';
import { startPool } from '../../emulators/synapse/pool.ts';

const table = { table: 'dim_pet', kind: 'dimension', distribution: 'round_robin', columns: ['id', 'name'] } as const;
const identity = { key: ['id'], on_later_version: 'history' } as const;
const contract: Contract = {
  dataset: 'pets',
  description: 'Pets',
  arrival: { path: 'pets/*.csv', format: 'csv' },
  columns: [
    { name: 'id', type: 'int', nullable: false, description: 'Number' },
    { name: 'name', type: 'string', length: 4, description: 'Name' },
  ],
  rules: [],
  identity,
  warehouse: table,
};

test('a published table gets the columns that files brought and the types of its contract, as has the view of current rows, and keeps its rows', async () => {
  const warehouse = await startPool();
  try {
    const pool = await warehouse.connect();
    await pool.request().batch('CREATE SCHEMA dw');
    for (const statement of schemaStatements(contract, table)) await pool.request().batch(statement);
    await pool.request().batch("INSERT INTO dw.dim_pet (id, name, is_current) VALUES (1, N'Ada', 1)");
    const columns = contract.columns.map((column) =>
      column.name === 'id' ? { ...column, type: 'bigint' as const } : { ...column, length: 40 },
    );
    const brought = { name: 'age', type: 'double', source: 'Age', evolved: 'pets-00000002' } as const;
    const later = withEvolved({ contract: { ...contract, columns }, version: 'v', statements: {} }, [brought]).contract;
    for (const _ of ['once', 'twice']) await alterTable(pool, later, later.warehouse ?? table);
    await pool
      .request()
      .batch("INSERT INTO dw.dim_pet (id, name, age, is_current) VALUES (3000000000, N'Ada Lovelace', 1.5, 1)");
    for (const source of ['dw.dim_pet', 'dw.dim_pet_current']) {
      const rows = await pool.request().query(`SELECT id, name, age FROM ${source} ORDER BY id`);
      expect(rows.recordset.map(({ id, name, age }) => [Number(id), name, age])).toEqual([
        [1, 'Ada', null],
        [3000000000, 'Ada Lovelace', 1.5],
      ]);
    }
    const found = await pool.request().input('table', 'dim_pet').query(COLUMNS_QUERY);
    expect(found.recordset).toContainEqual({ name: 'name', type: 'nvarchar', length: 40 });
    await pool.close();
  } finally {
    await warehouse.stop();
    rmSync(warehouse.directory, { recursive: true, force: true });
  }
});
