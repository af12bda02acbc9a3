import { describe, expect, test } from '@jest/globals';
import type { SequenceState } from '../../../../emulators/functions-host/protocol-v3/sequence-ids.ts';
import { randomFrom } from './random.ts';
import { type Change, randomStory, storySteps } from './random-story.ts';
import { tell } from './tell-story.ts';

const label = 'Non-Deterministic workflow detected: ';
const kinds: readonly Change['kind'][] = [
  'another function',
  'a step more',
  'a step less',
  'another kind',
  'an early end',
  'an early throw',
];

/** Which step a failure names, from 0; undefined when it accuses none. */
function accused(end: { readonly kind: string; readonly message?: string } | undefined): number | undefined {
  const match = new RegExp(`^${label}step (\\d+) of this instance was `).exec(end?.message ?? '');
  return match === null ? undefined : Number(match[1]) - 1;
}

describe('the check of replays', () => {
  test.each([
    ['that ends well', false],
    ['that throws at its end', true],
  ])('accuses no deterministic story %s, whether its past is in memory or not', async (_what, throwsAtEnd) => {
    const ends = new Map<string, number>();
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomFrom(seed);
      const story = randomStory(seed, { throwsAtEnd });
      const { end } = await tell({ seed, story: () => story, forgets: () => random(3) === 0 });
      expect([seed, end?.kind === 'failed' ? end.message : '']).toEqual([
        seed,
        throwsAtEnd && end !== undefined ? "Orchestrator function 'story' failed: the end is sad" : '',
      ]);
      ends.set(String(end?.kind), (ends.get(String(end?.kind)) ?? 0) + 1);
    }
    expect(ends.get(throwsAtEnd ? 'failed' : 'completed')).toBeGreaterThan(60);
  });

  test.each(kinds)('names the step where changed code leaves the path: %s', async (kind) => {
    let found = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomFrom(seed);
      const step = random(storySteps - 1);
      const starts: number[] = [];
      const original = randomStory(seed, { onStep: (at, place) => (starts[at] = place) });
      const changed = randomStory(seed, { change: { kind, step } });
      let known = 0;
      let knownAtChange: number | undefined;
      const { end } = await tell({
        seed,
        // The code changes once the story has gone beyond the step.
        story: () => {
          const isBeyond = starts[step + 1] !== undefined;
          knownAtChange ??= isBeyond ? known : undefined;
          return isBeyond ? changed : original;
        },
        forgets: () => random(2) === 0,
        onTurn: (state) => {
          known = (state as SequenceState).leaves;
        },
      });
      const first = starts[step] ?? 0;
      if (knownAtChange === undefined || knownAtChange <= first) {
        continue; // It was over before, or had asked for nothing from that step on.
      }
      const place = accused(end);
      if (kind !== 'another function' && kind !== 'a step less') {
        expect([seed, place]).toEqual([seed, first]);
      } else if (place !== undefined) {
        // Timers have no name, and after a step may come one of the same name.
        expect(place).toBeGreaterThanOrEqual(first);
        expect(place).toBeLessThan(knownAtChange);
      }
      found += place === undefined ? 0 : 1;
    }
    expect(found).toBeGreaterThan(15);
  });
});
