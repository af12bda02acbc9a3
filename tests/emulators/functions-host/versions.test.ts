import { afterAll, expect, test } from '@jest/globals';
import { client, finished, start, status, until } from './durable-client.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from './start-host.ts';

afterAll(cleanUp);

const settings = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`AzureFunctionsJobHost__extensions__durableTask__${name}`, value]),
  );

const startOf = (host: TestHost, name: string, options: object) =>
  client(host, 'startNew', name, options) as Promise<string>;

test('instances keep their version from host to host, and run where they may', async () => {
  const data = newFolder();
  const args = ['--log-level', 'warn'];
  const second = await startHost('versions', data, { args, env: settings({ defaultVersion: '2.0' }) });
  const plain = await start(second, 'greeting');
  const old = await startOf(second, 'greeting', { version: '1.2' });
  const family = await start(second, 'family');
  const rounds = await startOf(second, 'rounds', { version: '1.7', input: 2 });
  expect((await finished(second, plain)).output).toEqual({ version: '2.0', text: 'Dear Ann' });
  expect((await finished(second, old)).output).toEqual({ version: '1.2', text: 'Hello Ann' });
  expect((await finished(second, family)).output).toEqual({ own: '2.0', same: '2.0', older: '1.5' });
  expect((await finished(second, rounds)).output).toBe('1.7');

  const newer = await startOf(second, 'greeting', { version: '3.0' });
  const unwanted = await startOf(second, 'greeting', { version: '3.0' });
  await client(second, 'terminate', unwanted, 'not today');
  expect((await until(second, unwanted, 'Terminated')).output).toBe('not today');
  expect((await status(second, newer)).runtimeStatus).toBe('Pending');
  await eventually(
    async () =>
      second.stderr().includes(`orchestration ${newer} waits for a host of its version '3.0'`) ? 1 : undefined,
    'the warning',
  );
  await second.stop();

  const third = await startHost('versions', data, {
    args,
    env: settings({
      defaultVersion: '3.0',
      versionMatchStrategy: 'Strict',
      versionFailureStrategy: 'Fail',
      overridableExistingInstanceStates: 'AnyState',
    }),
  });
  expect((await finished(third, newer)).output).toEqual({ version: '3.0', text: 'Dear Ann' });
  const refused = await startOf(third, 'greeting', { version: '2.0' });
  expect(await finished(third, refused)).toMatchObject({
    runtimeStatus: 'Failed',
    output: expect.stringMatching(/Orchestration version did not comply .* has version '2.0'.* runs '3.0' \(Strict\)/),
  });

  // AnyState: a new instance takes the place of one that waits.
  await start(third, 'waiting', null, 'one');
  await until(third, 'one', 'Running');
  await start(third, 'greeting', null, 'one');
  expect(await finished(third, 'one')).toMatchObject({ name: 'greeting', runtimeStatus: 'Completed' });
});

test('a setting that makes no sense ends the host with one line', async () => {
  await expect(
    startHost('versions', newFolder(), { env: settings({ versionMatchStrategy: 'Newest' }) }),
  ).rejects.toThrow('versionMatchStrategy must be "None" or "Strict" or "CurrentOrOlder", and is "Newest"');
});
