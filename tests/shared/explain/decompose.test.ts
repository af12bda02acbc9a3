import { describe, expect, test } from '@jest/globals';
import { type Amount, decompose, type Group, NoValue } from '../../../src/shared/explain/decompose.ts';
import { add, divide, parseFraction, toNumber, toUnits, ZERO } from '../../../src/shared/explain/fraction.ts';

const UNITS = 10n ** 9n;
const exact = (text: string) => parseFraction(text) ?? ZERO;
const ratio = (numerator: number | string, denominator: number): Amount => ({
  numerator: exact(String(numerator)),
  denominator: exact(String(denominator)),
});

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  while (true) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('a decomposition', () => {
  test('of ratios adds up to the last digit, for 200 sets of groups', () => {
    for (let seed = 0; seed < 200; seed++) checkRatios(seed);
  });

  function checkRatios(seed: number): void {
    const next = numbers(seed);
    const draw = (): number => next.next().value;
    const side = (): Amount => {
      const count = draw() < 0.2 ? 0 : Math.floor(draw() * 10 ** Math.floor(draw() * 6));
      const sum = count === 0 ? 0 : (draw() - 0.4) * count * 37;
      return ratio(draw() < 0.5 ? Math.round(sum) : sum, count);
    };
    const groups: Group<number>[] = Array.from({ length: 1 + Math.floor(draw() * 60) }, (_, key) => ({
      key,
      from: side(),
      to: side(),
    }));
    groups.push({ key: -1, from: ratio(5, 3), to: ratio(-2, 7) });
    const { parts, change } = decompose(groups);
    const whole = (period: 'from' | 'to') =>
      divide(
        groups.map((group) => group[period].numerator).reduce(add),
        groups.map((group) => group[period].denominator ?? ZERO).reduce(add),
      ) ?? ZERO;
    const [before, after] = [whole('from'), whole('to')];
    expect(change).toBe(toUnits({ n: after.n * before.d - before.n * after.d, d: before.d * after.d }, UNITS));
    expect(parts.reduce((sum, { contribution }) => sum + contribution, 0n)).toBe(change);
    for (const { contribution, mix = 0n, rate = 0n } of parts) expect(mix + rate).toBe(contribution);
  }

  test('of sums gives each group its own change, and adds up also where no decimal does', () => {
    const thirds = [1, 2, 3].map((key) => ({
      key,
      from: { numerator: ZERO },
      to: { numerator: { n: 1n, d: 3n } },
    }));
    const { parts, change } = decompose(thirds);
    expect(change).toBe(UNITS);
    expect(parts.map(({ contribution }) => contribution).sort()).toEqual([333333333n, 333333333n, 333333334n]);
    expect(parts[0]).not.toHaveProperty('mix');
  });

  test('matches Kitagawa’s components where they can be written down', () => {
    // Shares 0.5 and 0.5 become 0.25 and 0.75; ratios 10 and 20 become 12 and 20. R: 15 → 18.
    const { parts, change } = decompose([
      { key: 'a', from: ratio(1000, 100), to: ratio(600, 50) },
      { key: 'b', from: ratio(2000, 100), to: ratio(3000, 150) },
    ]);
    expect(change).toBe(3n * UNITS);
    const [a, b] = parts;
    expect(toNumber({ n: a?.rate ?? 0n, d: UNITS })).toBe(0.75); // mean share 0.375 × 2
    expect(toNumber({ n: a?.mix ?? 0n, d: UNITS })).toBe(1.375); // (11 − 16.5) × −0.25
    expect([b?.rate, toNumber({ n: b?.mix ?? 0n, d: UNITS })]).toEqual([0n, 0.875]); // (20 − 16.5) × 0.25
  });

  test('calls all that a new group brings mix', () => {
    const { parts } = decompose([
      { key: 'old', from: ratio(10, 10), to: ratio(10, 10) },
      { key: 'new', from: ratio(0, 0), to: ratio(30, 10) },
    ]);
    expect(parts.map(({ rate }) => rate)).toEqual([0n, 0n]);
  });

  test('refuses a ratio without a denominator, naming the period', () => {
    expect(() => decompose([{ key: 'a', from: ratio(1, 2), to: ratio(0, 0) }])).toThrow(NoValue);
    expect(() => decompose([{ key: 'a', from: ratio(1, 2), to: ratio(0, 0) }])).toThrow(/'to'/);
  });
});

test.each([
  ['-12', -12],
  ['1.50', 1.5],
  ['2.5E-7', 2.5e-7],
  ['1e3', 1000],
  ['0', 0],
])('a number written as %s is read exactly', (text, number) => {
  expect(toNumber(exact(text))).toBe(number);
});

test.each(['NaN', 'Infinity', '', '1,5', 'x'])('%p is no number', (text) => {
  expect(parseFraction(text)).toBeUndefined();
});
