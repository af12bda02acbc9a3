import { expect, test } from '@jest/globals';
import { exploreReachableStates } from './reachable-states.ts';

test('from every state that any number of kills can leave on disk the host ends as the one that nobody kills', async () => {
  const { states, commitsUndisturbed, deepest } = await exploreReachableStates(0);
  expect(commitsUndisturbed).toBeGreaterThan(30);
  expect(states).toBeGreaterThan(2 * commitsUndisturbed);
  expect(deepest).toBeGreaterThan(2);
});

test.each([1, 3])('so it does when activities end in another order (%i), from every pair of kills', async (haste) => {
  const { states, commitsUndisturbed, deepest } = await exploreReachableStates(haste, 2);
  expect(states).toBeGreaterThan(2 * commitsUndisturbed);
  expect(deepest).toBe(2);
});
