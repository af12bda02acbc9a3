import { describe, expect, test } from '@jest/globals';
import { type Invariant, invariants, Violation } from './invariants.ts';
import { mutants } from './mutants.ts';
import { simulate } from './simulate.ts';

const command = (seed: number) => `npx node tests/emulators/functions-host/simulation/run.ts --seeds 1 --from ${seed}`;

describe('a host that dies at any moment', () => {
  test('ends every one of 1,000 random stories as it should, with every message once', async () => {
    let reruns = 0;
    let lives = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const simulated = await simulate(seed, { isFaulty: true }).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${(error as Error).message}; again: ${command(seed)}`, { cause: error });
      });
      reruns += simulated.reruns;
      lives += simulated.lives;
    }
    // Else nothing has been tried.
    expect(lives).toBeGreaterThan(2500);
    expect(reruns).toBeGreaterThan(1000);
  }, 600_000);

  test('ends them in the same way when nothing goes wrong', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      expect((await simulate(seed, { isFaulty: false })).lives).toBe(1);
    }
  });

  test('lives through the same story again, to the last byte, for the same seed', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const first = await simulate(seed, { isFaulty: true });
      expect(await simulate(seed, { isFaulty: true })).toEqual(first);
    }
  });
});

describe('a planted bug is caught', () => {
  test.each(mutants)('when $bug', async ({ caughtBy, plant }) => {
    const takeOut = plant();
    try {
      expect(await isCaughtBy(caughtBy)).toBe(true);
    } finally {
      takeOut();
    }
  });

  test('by every invariant', () => {
    expect(new Set(mutants.map(({ caughtBy }) => caughtBy))).toEqual(new Set(invariants));
  });
});

async function isCaughtBy(invariant: Invariant): Promise<boolean> {
  for (let seed = 1; seed <= 200; seed++) {
    try {
      await simulate(seed, { isFaulty: true });
    } catch (error) {
      if (!(error instanceof Violation)) {
        throw error;
      }
      if (error.invariant === invariant) {
        return true;
      }
    }
  }
  return false;
}
