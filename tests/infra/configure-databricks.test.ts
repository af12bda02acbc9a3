import { expect, test } from '@jest/globals';
import { admitApp, reachLake, sqlWarehouse } from '../../infra/hooks/configure-databricks.ts';
import { JOB_STEPS, jobName } from '../../src/shared/names.ts';
import { MemoryWorkspace } from './workspace.ts';

const SETTINGS = {
  storageAccount: 'st1',
  accessConnectorId: '/subscriptions/s/connector',
  catalog: 'main',
  appClientId: '11111111-2222-3333-4444-555555555555',
};
const jobs = JOB_STEPS.map(jobName);

async function configure(workspace: MemoryWorkspace): Promise<string> {
  await reachLake(workspace.api, SETTINGS);
  const warehouse = await sqlWarehouse(workspace.api);
  await admitApp(workspace.api, SETTINGS, warehouse);
  return warehouse;
}

test('configuring a workspace twice makes everything once', async () => {
  const workspace = new MemoryWorkspace(jobs);
  const warehouse = await configure(workspace);
  const made = [...workspace.made];
  expect(made).toHaveLength(1 + 3 + 1 + 1 + 4); // credential, locations, warehouse, service principal, schemas
  expect(await configure(workspace)).toBe(warehouse);
  expect(workspace.made).toEqual(made);
});

test('the landing container can only be read, the others written', async () => {
  const workspace = new MemoryWorkspace(jobs);
  await configure(workspace);
  const location = (container: string) =>
    workspace.api('GET', `2.1/unity-catalog/external-locations/landfall-${container}`);
  expect(await location('landing')).toMatchObject({
    url: 'abfss://landing@st1.dfs.core.windows.net/',
    read_only: true,
  });
  expect(await location('lake')).toMatchObject({ read_only: false });
  expect(await location('quarantine')).toMatchObject({ read_only: false });
});

test('the app may run each job of the bundle and use the warehouse, and manage nothing', async () => {
  const workspace = new MemoryWorkspace(jobs);
  const warehouse = await configure(workspace);
  const levels = [...workspace.permissions].filter(([path]) => path.startsWith('2.0/permissions/'));
  expect(levels.map(([path]) => path)).toEqual([
    ...jobs.map((_name, id) => `2.0/permissions/jobs/${id}`),
    `2.0/permissions/warehouses/${warehouse}`,
  ]);
  for (const [, body] of levels) {
    expect(JSON.stringify(body)).toContain(SETTINGS.appClientId);
    expect(JSON.stringify(body)).toMatch(/"CAN_MANAGE_RUN"|"CAN_USE"/);
  }
});

test('the app may read the layers, and nothing of the models', async () => {
  const workspace = new MemoryWorkspace(jobs);
  await configure(workspace);
  const granted = [...workspace.permissions.keys()].filter((path) => path.includes('unity-catalog/permissions'));
  expect(granted.map((path) => path.split('permissions/')[1])).toEqual([
    'catalog/main',
    'schema/main.bronze',
    'schema/main.silver',
    'schema/main.gold',
  ]);
});

test('a workspace without the bundle is refused, saying what to do', async () => {
  await expect(configure(new MemoryWorkspace(['landfall-cleanse']))).rejects.toThrow('deploy the bundle first');
});
