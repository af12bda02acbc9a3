/** An exact number: numerator over a positive denominator. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export const ZERO: Fraction = { n: 0n, d: 1n };

/** The number that a SQL engine wrote as text (`-12`, `1.50`, `2.5E-7`), exactly; undefined when it is none. */
export function parseFraction(text: string): Fraction | undefined {
  const parts = /^(?<sign>-?)(?<whole>\d+)(?:\.(?<part>\d*))?(?:e(?<exponent>[+-]?\d{1,3}))?$/i.exec(
    text.trim(),
  )?.groups;
  if (parts === undefined) return undefined;
  const { sign = '', whole = '', part = '', exponent = '0' } = parts;
  const digits = BigInt(whole + part) * (sign === '-' ? -1n : 1n);
  const shift = Number(exponent) - part.length;
  return shift >= 0 ? reduced(digits * 10n ** BigInt(shift), 1n) : reduced(digits, 10n ** BigInt(-shift));
}

/** a + b. */
export function add(a: Fraction, b: Fraction): Fraction {
  return reduced(a.n * b.d + b.n * a.d, a.d * b.d);
}

/** a − b. */
export function subtract(a: Fraction, b: Fraction): Fraction {
  return reduced(a.n * b.d - b.n * a.d, a.d * b.d);
}

/** a · b. */
export function multiply(a: Fraction, b: Fraction): Fraction {
  return reduced(a.n * b.n, a.d * b.d);
}

/** a ÷ b; undefined when b is zero. */
export function divide(a: Fraction, b: Fraction): Fraction | undefined {
  return b.n === 0n ? undefined : reduced(a.n * b.d, a.d * b.n);
}

/** a ÷ 2. */
export function half(a: Fraction): Fraction {
  return reduced(a.n, a.d * 2n);
}

/** The nearest whole number of `1 / unitsInOne`; halves go away from zero. */
export function toUnits({ n, d }: Fraction, unitsInOne: bigint): bigint {
  const doubled = 2n * (n < 0n ? -n : n) * unitsInOne + d;
  const rounded = doubled / (2n * d);
  return n < 0n ? -rounded : rounded;
}

/** The nearest double. */
export function toNumber(fraction: Fraction): number {
  const units = 10n ** 15n;
  const whole = fraction.n / fraction.d;
  const rest = toUnits(subtract(fraction, { n: whole, d: 1n }), units);
  return Number(whole) + Number(rest) / Number(units);
}

function reduced(n: bigint, d: bigint): Fraction {
  const sign = d < 0n ? -1n : 1n;
  const divisor = greatestCommonDivisor(n < 0n ? -n : n, d < 0n ? -d : d) * sign;
  return { n: n / divisor, d: d / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
