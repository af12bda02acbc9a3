import { expect, test } from '@jest/globals';
import { exploreReachableStates } from './reachable-states.ts';

test('from every state that any number of kills can leave on disk the host ends as the one that nobody kills', async () => {
  const { states, commitsUndisturbed, deepest } = await exploreReachableStates(0);
  expect(commitsUndisturbed).toBeGreaterThan(30);
  expect(states).toBeGreaterThan(2 * commitsUndisturbed);
  expect(deepest).toBeGreaterThan(2);
}, 300_000);

test('so it does when activities end in another order, from every pair of kills', async () => {
  const { states, commitsUndisturbed, deepest } = await exploreReachableStates(1, 2);
  expect(states).toBeGreaterThan(2 * commitsUndisturbed);
  expect(deepest).toBe(2);
}, 300_000);
