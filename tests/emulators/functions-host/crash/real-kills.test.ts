import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cleanUp, newFolder } from '../start-host.ts';
import { dieAndGoOn, openJobService } from './real-kills.ts';

let service: Server & { readonly origin: string };

beforeAll(async () => {
  service = await openJobService();
});
afterAll(async () => {
  service.close();
  await cleanUp();
});

// A few of them; `npx node tests/emulators/functions-host/crash/run.ts` kills at every write.
test.each([
  [1, 'before'],
  [2, 'after'],
  [5, 'after'],
  [14, 'before'],
  [22, 'after'],
] as const)('a host that SIGKILL ends at its write %i (%s) is as if nothing had been', async (write, phase) => {
  expect(await dieAndGoOn(join(newFolder(), 'state'), service.origin, [{ write, phase }])).toBe(1);
});

test('so is one whose recovery is killed, and whose second recovery, too', async () => {
  const kills = [
    { write: 12, phase: 'after' },
    { write: 2, phase: 'before' },
    { write: 3, phase: 'after' },
  ] as const;
  expect(await dieAndGoOn(join(newFolder(), 'state'), service.origin, kills)).toBe(3);
});
