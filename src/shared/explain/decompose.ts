import { add, divide, type Fraction, half, multiply, subtract, toUnits, ZERO } from './fraction.ts';

/** What one group brings in one period: a sum, and for a ratio what it is divided by. */
export interface Amount {
  readonly numerator: Fraction;
  /** Absent for a measure that is a sum or a count. */
  readonly denominator?: Fraction;
}

/** A group in both periods; one that is missing in a period has zeros there. */
export interface Group<T> {
  readonly key: T;
  readonly from: Amount;
  readonly to: Amount;
}

/** What a group contributes to the change, in units of 10^-DECIMALS; mix + rate = contribution. */
export interface Part<T> {
  readonly key: T;
  readonly contribution: bigint;
  /** By its share of the denominator having changed. Absent for sums. */
  readonly mix?: bigint;
  /** By its own ratio having changed. Absent for sums. */
  readonly rate?: bigint;
}

export interface Decomposition<T> {
  readonly parts: readonly Part<T>[];
  /** The change of the whole, which the contributions add up to exactly. */
  readonly change: bigint;
}

/** Contributions are told to so many decimals, and add up in them without a remainder. */
export const DECIMALS = 9;
const UNITS = 10n ** BigInt(DECIMALS);

/** Thrown when a period has no value of a ratio: its denominator is zero. */
export class NoValue extends Error {
  readonly period: 'from' | 'to';
  constructor(period: 'from' | 'to') {
    super(`The measure has no value in the period '${period}': what it is divided by is zero there.`);
    this.name = 'NoValue';
    this.period = period;
  }
}

/**
 * Splits the change of a measure between two periods over the groups of a dimension, exactly.
 *
 * A sum changes by the sum of its groups' changes. A ratio R = Σ wᵍ·rᵍ, with wᵍ the group's share of the denominator and
 * rᵍ its own ratio, is split as by Kitagawa, "Components of a Difference Between Two Rates", JASA 50 (1955) 1168–1194:
 * rate = mean(wᵍ)·Δrᵍ and mix = mean(rᵍ)·Δwᵍ, with equal weight to both periods. (With two factors this is the Shapley
 * value, and Das Gupta's standardisation of 1993.) Mix is taken against the mean of the whole, mean(rᵍ) − mean(R), which
 * changes no total since the shares' changes add up to zero: a group of average ratio that grows moves nothing. A group
 * that is there in one period only has no ratio in the other: all it brings is mix.
 * @throws NoValue when a ratio has no denominator in a period
 */
export function decompose<T>(groups: readonly Group<T>[]): Decomposition<T> {
  const isRatio = groups.some(({ from, to }) => from.denominator !== undefined || to.denominator !== undefined);
  return isRatio ? decomposeRatio(groups) : decomposeSum(groups);
}

function decomposeSum<T>(groups: readonly Group<T>[]): Decomposition<T> {
  const exact = groups.map(({ from, to }) => subtract(to.numerator, from.numerator));
  const change = toUnits(sum(exact), UNITS);
  const rounded = withoutRemainder(exact, change);
  return { change, parts: groups.map(({ key }, index) => ({ key, contribution: rounded[index] ?? 0n })) };
}

function decomposeRatio<T>(groups: readonly Group<T>[]): Decomposition<T> {
  const whole = { from: wholeOf(groups, 'from'), to: wholeOf(groups, 'to') };
  const meanOfWhole = half(add(whole.from.ratio, whole.to.ratio));
  const split = groups.map(({ from, to }) => {
    const before = shareOf(from, whole.from.denominator);
    const after = shareOf(to, whole.to.denominator);
    const [ratioBefore, ratioAfter] = [before.ratio ?? after.ratio ?? ZERO, after.ratio ?? before.ratio ?? ZERO];
    const weight = subtract(after.weight, before.weight);
    const meanRatio = half(add(ratioBefore, ratioAfter));
    return {
      mix: multiply(subtract(meanRatio, meanOfWhole), weight),
      // As mean(w)·Δr where both ratios exist; written so, it also holds what a group without denominator brings.
      rate: subtract(subtract(after.part, before.part), multiply(meanRatio, weight)),
    };
  });
  const change = toUnits(subtract(whole.to.ratio, whole.from.ratio), UNITS);
  const contributions = withoutRemainder(
    split.map(({ mix, rate }) => add(mix, rate)),
    change,
  );
  return {
    change,
    parts: groups.map(({ key }, index) => {
      const contribution = contributions[index] ?? 0n;
      const mix = toUnits(split[index]?.mix ?? ZERO, UNITS);
      return { key, contribution, mix, rate: contribution - mix };
    }),
  };
}

function wholeOf(
  groups: readonly Group<unknown>[],
  period: 'from' | 'to',
): { readonly denominator: Fraction; readonly ratio: Fraction } {
  const numerator = sum(groups.map((group) => group[period].numerator));
  const denominator = sum(groups.map((group) => group[period].denominator ?? ZERO));
  const ratio = divide(numerator, denominator);
  if (ratio === undefined) throw new NoValue(period);
  return { denominator, ratio };
}

/** A group's share of the denominator, its own ratio if it has one, and what it brings to the whole ratio. */
function shareOf(
  { numerator, denominator = ZERO }: Amount,
  whole: Fraction,
): { readonly weight: Fraction; readonly ratio: Fraction | undefined; readonly part: Fraction } {
  return {
    weight: divide(denominator, whole) ?? ZERO,
    ratio: divide(numerator, denominator),
    part: divide(numerator, whole) ?? ZERO,
  };
}

function sum(fractions: readonly Fraction[]): Fraction {
  return fractions.reduce(add, ZERO);
}

/** Rounds so that the rounded add up to `total`: what is missing goes to those that rounding moved most. */
function withoutRemainder(exact: readonly Fraction[], total: bigint): readonly bigint[] {
  const rounded = exact.map((fraction) => toUnits(fraction, UNITS));
  let missing = total - rounded.reduce((a, b) => a + b, 0n);
  const step = missing < 0n ? -1n : 1n;
  const finer = 10n ** 6n;
  const lost = exact.map((fraction, index) => toUnits(fraction, UNITS * finer) - (rounded[index] ?? 0n) * finer);
  const order = lost.map((_, index) => index).sort((a, b) => Number(step * ((lost[b] ?? 0n) - (lost[a] ?? 0n))));
  for (let turn = 0; missing !== 0n && order.length > 0; turn = (turn + 1) % order.length) {
    const index = order[turn] ?? 0;
    rounded[index] = (rounded[index] ?? 0n) + step;
    missing -= step;
  }
  return rounded;
}
