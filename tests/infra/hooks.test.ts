import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabricksApi } from '../../infra/hooks/databricks-api.ts';
import { ROOT, run, setting } from '../../infra/hooks/environment.ts';
import { appUserBatches } from '../../infra/hooks/migrate-warehouse.ts';
import { stageApp } from '../../infra/hooks/stage-app.ts';
import { publishFactory } from '../../scripts/provision/factory-documents.ts';
import { schemaBatches } from '../../scripts/provision/schema-batches.ts';
import { loadDatasets } from '../../src/shared/contracts/load-datasets.ts';
import { FACTORY, type Factory, GROUP, newFactory } from '../emulators/data-factory/factory.ts';
import { startPool } from '../emulators/synapse/pool.ts';

describe('what azd publishes', () => {
  let target: string;
  beforeAll(() => {
    target = join(mkdtempSync(join(tmpdir(), 'landfall-stage-')), 'app');
    stageApp(ROOT, target);
  });
  afterAll(() => rmSync(join(target, '..'), { recursive: true, force: true }));

  test('is the compiled app with its datasets, and no sources, tests or local settings', () => {
    expect(readdirSync(target).sort()).toEqual([
      ...['datasets', 'dist', 'host.json', 'package-lock.json', 'package.json', 'semantic-model'],
    ]);
    expect(readdirSync(join(target, 'semantic-model'))).toEqual(['definition.yaml']);
    expect(existsSync(join(target, 'dist', 'functions', 'file-arrived.js'))).toBe(true);
    expect(existsSync(join(target, 'dist', 'web', 'index.html'))).toBe(true);
  });

  test('has the runtime dependencies, and no script that a remote build would run', () => {
    const whole = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
    const staged = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(staged.dependencies).toEqual(whole.dependencies);
    expect(staged.main).toBe(whole.main);
    for (const left of ['scripts', 'devDependencies', 'optionalDependencies']) expect(staged).not.toHaveProperty(left);
  });
});

describe('publishing the factory', () => {
  let factory: Factory;
  beforeAll(async () => {
    factory = await newFactory();
  });
  afterAll(async () => factory[Symbol.asyncDispose]());
  const publish = () =>
    publishFactory(ROOT, {
      client: factory.client,
      group: GROUP,
      factory: FACTORY,
      keyVaultUri: 'https://kv-1.vault.azure.net/',
    });
  const names = (folder: string) =>
    readdirSync(join(ROOT, 'data-factory', folder)).map((file) => file.replace('.json', ''));
  const state = async (trigger: string) =>
    (await factory.client.triggers.get(GROUP, FACTORY, trigger)).properties.runtimeState;

  test('puts every document, points at this vault, and leaves running triggers running when repeated', async () => {
    await publish();
    for (const name of names('pipeline'))
      expect((await factory.client.pipelines.get(GROUP, FACTORY, name)).activities?.length).toBeGreaterThan(0);
    const vault = await factory.client.linkedServices.get(GROUP, FACTORY, 'key_vault');
    expect(vault.properties).toMatchObject({ baseUrl: 'https://kv-1.vault.azure.net/' });
    const [trigger = ''] = names('trigger');
    expect(await state(trigger)).toBe('Stopped');

    await factory.client.triggers.beginStartAndWait(GROUP, FACTORY, trigger);
    await publish();
    expect(await state(trigger)).toBe('Started');
  });
});

test('migrating the warehouse makes the tables of every contract, and may be repeated', async () => {
  const warehouse = await startPool();
  try {
    const pool = await warehouse.connect();
    const batches = schemaBatches(ROOT);
    for (const batch of [...batches, ...batches]) await pool.request().batch(batch);
    const { recordset } = await pool.request().query('SELECT COUNT(*) AS days FROM dw.dim_date');
    expect(recordset).toEqual([{ days: 18263 }]); // 2000 to 2049, once
    for (const { contract } of loadDatasets(join(ROOT, 'datasets')).all)
      if (contract.warehouse) await pool.request().query(`SELECT COUNT(*) FROM dw.${contract.warehouse.table}`);
    await pool.close();
  } finally {
    await warehouse.stop();
    rmSync(warehouse.directory, { recursive: true, force: true });
  }
});

describe('the app as a user of the warehouse', () => {
  test('may change rows of dw and columns of its tables there, but make tables in stage only', () => {
    const batches = appUserBatches('id-landfall-abc', ['fact_flight']).join('\n');
    expect(batches).toContain('GRANT ALTER ON OBJECT::dw.fact_flight TO [id-landfall-abc]');
    expect(batches).toContain('GRANT ALTER, SELECT, INSERT ON SCHEMA::stage TO [id-landfall-abc]');
    expect(batches).not.toMatch(/db_owner|CONTROL|(ALTER|CREATE)[^;]*SCHEMA::dw/);
  });

  test('is refused under a name that is none of an identity', () => {
    expect(() => appUserBatches("x'] DROP TABLE dw.publication; --", [])).toThrow('no name of a managed identity');
  });
});

describe('a hook', () => {
  test('says what is missing when it is run outside of azd', () => {
    expect(() => setting('NO_SUCH_OUTPUT')).toThrow('azd env get-values');
  });

  test('fails with the program that it runs', () => {
    expect(() => run(process.execPath, ['-e', 'process.exit(3)'])).toThrow('ended with 3');
    expect(() => run('no-such-program', [])).toThrow('install it');
  });

  test('says what Databricks refused when nothing answers there', async () => {
    const api = createDatabricksApi('http://127.0.0.1:9', async () => 'token');
    await expect(api('GET', '2.0/sql/warehouses')).rejects.toThrow();
  });
});
