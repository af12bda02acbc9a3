import { afterAll, expect, test } from '@jest/globals';
import { run } from './durable-client.ts';
import { cleanUp, newFolder, startHost } from './start-host.ts';

afterAll(cleanUp);

test('errors with properties reach the story as such, from activities and through sub-orchestrations', async () => {
  const host = await startHost('exceptions', newFolder(), { args: ['--log-level', 'none'] });
  const errors = await run(host, 'catches', [
    ['order', 7],
    ['plain', null],
    ['fails', 9],
  ]);
  expect(errors).toEqual([
    {
      isTaskFailedError: true,
      message: expect.stringContaining('no such order: 7'),
      type: 'OrderError',
      properties: { order: 7, tags: ['a', 'b'] },
      task: 'order',
    },
    { isTaskFailedError: false, message: expect.stringContaining('a plain error') },
    {
      isTaskFailedError: true,
      message: expect.stringContaining('no such order: 9'),
      type: 'OrderError',
      properties: { order: 9, tags: ['a', 'b'] },
      task: 'fails',
    },
  ]);
  expect(await run(host, 'fails', 3)).toMatchObject({ output: expect.stringContaining('no such order: 3') });
});
