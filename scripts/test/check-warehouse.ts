import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withEvolved } from '../../src/shared/contracts/evolved-columns.ts';
import { loadDatasets } from '../../src/shared/contracts/load-datasets.ts';
import {
  alterStatements,
  alterViewStatements,
  loadStatements,
  publishStatements,
  removeFilesStatement,
  schemaStatements,
} from '../../src/shared/warehouse/statements.ts';
import { pythonProgram, ROOT } from '../stack/endpoints.ts';

/** What files might bring beside a contract's columns. */
const BROUGHT = [
  { name: 'order', type: 'string', source: 'Order', evolved: 'x-00000001' },
  { name: 'brought_at', type: 'timestamp', source: 'brought at', evolved: 'x-00000001' },
] as const;

const A_COLUMN = [{ name: 'brought_at', type: 'int', length: null }];

// Checks that all T-SQL stays within the dedicated SQL pool's subset, by the Synapse emulator's own parser: the scripts
// of warehouse/schema, and every statement that the app makes from the contracts.
const folder = mkdtempSync(join(tmpdir(), 'landfall-tsql-'));
try {
  const schema = join(ROOT, 'warehouse', 'schema');
  const files = readdirSync(schema)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => join(schema, name));
  for (const dataset of loadDatasets(join(ROOT, 'datasets')).all) {
    const { contract } = withEvolved(dataset, BROUGHT);
    if (contract.warehouse === undefined) continue;
    const publish = publishStatements(contract, contract.warehouse);
    const statements = [
      ...schemaStatements(contract, contract.warehouse),
      ...loadStatements(contract, contract.warehouse, 'https://account.dfs.core.windows.net/lake/staging/*.parquet'),
      removeFilesStatement(contract.warehouse, 2),
      ...alterStatements(contract, contract.warehouse, A_COLUMN),
      ...alterViewStatements(contract, contract.warehouse, A_COLUMN),
      ...publish.remove,
      publish.insert,
      ...publish.record,
    ];
    const file = join(folder, `${contract.dataset}.sql`);
    writeFileSync(file, statements.join('\nGO\n'));
    files.push(file);
  }
  const { status } = spawnSync(pythonProgram('python'), ['-m', 'synapse_emulator', '--check', ...files], {
    stdio: 'inherit',
    env: { ...process.env, PYTHONPATH: join(ROOT, 'emulators', 'synapse') },
  });
  if (status === 0) console.log(`${files.length} files of T-SQL are within the dedicated SQL pool's subset`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
