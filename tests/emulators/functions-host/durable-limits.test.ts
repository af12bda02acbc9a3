import { afterAll, expect, test } from '@jest/globals';
import { client, finished, run, start } from './durable-client.ts';
import { cleanUp, newFolder, startHost } from './start-host.ts';

afterAll(cleanUp);

test('host.json limits how many activities and entities run at once, and how much an execution may ask for', async () => {
  const durableTask = 'AzureFunctionsJobHost__extensions__durableTask__';
  const host = await startHost('durable', newFolder(), {
    args: ['--log-level', 'none'],
    env: {
      [`${durableTask}maxConcurrentActivityFunctions`]: '3',
      [`${durableTask}maxConcurrentEntityFunctions`]: '2',
      [`${durableTask}maxConcurrentOrchestratorFunctions`]: '1',
      [`${durableTask}maxOrchestrationActions`]: '30',
    },
  });
  expect(await run(host, 'busy')).toEqual({ activities: 3, entities: 2 });
  const id = await start(host, 'fanOut', 31);
  expect(await finished(host, id)).toMatchObject({
    runtimeStatus: 'Failed',
    output: expect.stringContaining('Maximum amount of orchestration actions (30) has been reached'),
  });
  expect(await client(host, 'getStatusBy', { runtimeStatus: ['Running'] })).toEqual([]);
});
