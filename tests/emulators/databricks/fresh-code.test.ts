import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createDatabricks } from '../../../emulators/databricks/index.ts';
import { clientOf, newFolder, PYTHON, TOKEN } from './workspace.ts';

const task = { task_key: 'a', python_wheel_task: { package_name: 'changing', entry_point: 'main' } };

for (const [how, preload] of [
  ['not preloaded', []],
  ['preloaded', ['changing']],
] as const) {
  test(`code that is ${how} is the code on disk at every run, and one run's random numbers are not the next one's`, async () => {
    const folder = newFolder();
    const write = (version: string) =>
      writeFileSync(
        join(folder, 'changing.py'),
        `import random, numpy, sys\ndef main():\n  print(${JSON.stringify(version)}, random.random(), numpy.random.rand())\n`,
      );
    write('first');
    const data = newFolder();
    const workspace = await createDatabricks({
      ...{ port: 0, data, tokens: [TOKEN], python: PYTHON },
      ...{ pythonpath: [folder], preload, spares: 1 },
    });
    try {
      const client = clientOf(workspace.url);
      const words = async () => {
        const run = await client.ended(await client.submit({ tasks: [task] }));
        return ((await client.output(run.tasks[0]?.run_id ?? 0)).logs ?? '').trim().split(' ');
      };
      const [first, again] = [await words(), await words()];
      expect([first[0], again[0]]).toEqual(['first', 'first']);
      expect(first[1]).not.toBe(again[1]);
      expect(first[2]).not.toBe(again[2]);
      write('the second');
      expect((await words()).slice(0, 2)).toEqual(['the', 'second']);
    } finally {
      await workspace.close();
    }
  });
}

test('an interpreter that does not start fails the task with the reason', async () => {
  const workspace = await createDatabricks({ port: 0, data: newFolder(), tokens: [TOKEN], python: '/no/such/python' });
  try {
    const client = clientOf(workspace.url);
    const run = await client.ended(await client.submit({ tasks: [task] }));
    expect(run.state.life_cycle_state).toBe('INTERNAL_ERROR');
    expect((await client.output(run.tasks[0]?.run_id ?? 0)).error).toMatch(/no\/such\/python/);
  } finally {
    await workspace.close();
  }
});
