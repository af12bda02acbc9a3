import { expect, test } from '@jest/globals';
import { systemEnvironment } from '../../../../emulators/functions-host/engine/environment.ts';
import { ReadyQueue } from '../../../../emulators/functions-host/engine/ready-queue.ts';
import { WorkLimit } from '../../../../emulators/functions-host/engine/work-limit.ts';

test('work starts in its order, never more than the limit at a time, and an error stops nothing', async () => {
  const errors: unknown[] = [];
  const limit = new WorkLimit(new ReadyQueue(systemEnvironment), 2, (error) => errors.push(error));
  const order: number[] = [];
  let [running, most] = [0, 0];
  await new Promise<void>((done) => {
    for (let i = 0; i < 7; i++) {
      limit.run(async () => {
        order.push(i);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (i === 3) {
          throw new Error('three');
        }
        if (i === 6) {
          done();
        }
      });
    }
  });
  expect([order, most, errors.map(String)]).toEqual([[0, 1, 2, 3, 4, 5, 6], 2, ['Error: three']]);
});
