import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { expect, test } from '@jest/globals';
import { activity, clientOf, FACTORY, GROUP, newFactory } from './factory.ts';

const WAIT = { activities: [activity('w', 'Wait', { waitTimeInSeconds: 0 })] };

test('a factory and what is in it are put, read, listed and deleted with the SDK', async () => {
  await using factory = await newFactory();
  const { client } = factory;
  const read = await client.factories.get(GROUP.toUpperCase(), FACTORY.toUpperCase());
  expect(read).toMatchObject({ name: FACTORY, location: 'westeurope', provisioningState: 'Succeeded' });
  for (let at = 0; at < 103; at += 1) await factory.put(`p${String(at).padStart(3, '0')}`, WAIT);
  const names: string[] = [];
  for await (const { name } of client.pipelines.listByFactory(GROUP, FACTORY)) names.push(name ?? '');
  expect(names).toHaveLength(103);
  expect(names.at(-1)).toBe('p102');
  await client.pipelines.delete(GROUP, FACTORY, 'P102');
  await expect(client.pipelines.get(GROUP, FACTORY, 'p102')).rejects.toMatchObject({
    statusCode: 404,
    code: 'EntityNotFound',
  });
});

test('what git holds survives createOrUpdate unchanged, unknown activity types too', async () => {
  await using factory = await newFactory();
  const properties = {
    description: 'd',
    activities: [
      activity(
        'x',
        'SomethingNew',
        { a: { value: '@pipeline().RunId', type: 'Expression' } },
        { dependsOn: [], policy: { retry: 1, retryIntervalInSeconds: 0 } },
      ),
    ],
    parameters: { n: { type: 'int', defaultValue: 5 } },
    folder: { name: 'f' },
  };
  await factory.put('p', properties);
  const kept = await factory.client.pipelines.get(GROUP, FACTORY, 'p');
  expect(kept.activities?.[0]).toMatchObject({
    name: 'x',
    type: 'SomethingNew',
    typeProperties: properties.activities[0]?.typeProperties,
  });
  expect(kept.parameters).toEqual({ n: { type: 'int', defaultValue: 5 } });
  const run = await factory.run('p');
  expect(run).toMatchObject({ status: 'Failed', message: expect.stringContaining("'SomethingNew' are not emulated") });
});

test("a wrong token, a missing factory and a bad definition are refused in Resource Manager's shape", async () => {
  await using factory = await newFactory();
  const { url, caFile } = factory.server;
  await expect(clientOf(url, caFile, 'wrong').factories.get(GROUP, FACTORY)).rejects.toMatchObject({ statusCode: 401 });
  await expect(factory.client.pipelines.get(GROUP, 'other', 'p')).rejects.toMatchObject({ code: 'ResourceNotFound' });
  const refused = (properties: Record<string, unknown>) => expect(factory.put('p', properties)).rejects;
  await refused({ activities: [activity('a', 'Wait', { waitTimeInSeconds: '@concat(' })] }).toThrow(
    'Unable to parse template',
  );
  await refused({
    activities: [activity('a', 'Wait', {}, { dependsOn: [{ activity: 'b', dependencyConditions: ['Succeeded'] }] })],
  }).toThrow("depends on 'b'");
  const unknown = { pipeline: { referenceName: 'nope', type: 'PipelineReference' } };
  await refused({ activities: [activity('a', 'ExecutePipeline', unknown)] }).toThrow("invalid reference 'nope'");
});

test('what something else refers to cannot be deleted', async () => {
  await using factory = await newFactory();
  await factory.put('inner', WAIT);
  await factory.put('outer', {
    activities: [
      activity('call', 'ExecutePipeline', { pipeline: { referenceName: 'inner', type: 'PipelineReference' } }),
    ],
  });
  await expect(factory.client.pipelines.delete(GROUP, FACTORY, 'inner')).rejects.toThrow('referenced by outer');
});

test("the server's certificate stands up to strict checks, and without trust nothing connects", async () => {
  await using factory = await newFactory();
  const ca = readFileSync(factory.server.caFile, 'utf8');
  const connect = (options: { ca?: string }) =>
    new Promise((resolve, reject) => {
      request(`${factory.server.url}/health`, options, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end();
    });
  expect(await connect({ ca })).toBe(200);
  await expect(connect({})).rejects.toThrow();
  const authority = new X509Certificate(ca);
  expect(authority.ca).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
});

test('runs are filtered by pipeline and status, parameters are shown as texts', async () => {
  await using factory = await newFactory();
  await factory.put('one', {
    ...WAIT,
    parameters: {
      n: { type: 'int' },
      list: { type: 'array', defaultValue: [1, 'a'] },
      key: { type: 'securestring', defaultValue: 'hidden' },
    },
  });
  await factory.put('two', WAIT);
  const first = await factory.run('one', { n: 7 });
  await factory.run('two');
  expect(first.parameters).toEqual({ n: '7', list: '[1,"a"]', key: '**********' });
  const { value } = await factory.client.pipelineRuns.queryByFactory(GROUP, FACTORY, {
    lastUpdatedAfter: new Date(Date.now() - 60_000),
    lastUpdatedBefore: new Date(Date.now() + 60_000),
    filters: [
      { operand: 'PipelineName', operator: 'Equals', values: ['one'] },
      { operand: 'Status', operator: 'In', values: ['Succeeded', 'Failed'] },
    ],
  });
  expect(value.map(({ runId }) => runId)).toEqual([first.runId]);
  await expect(factory.start('one')).rejects.toThrow("parameter 'n' has no value");
});
