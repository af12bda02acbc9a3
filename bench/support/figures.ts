/** The middle one of some numbers (of an even count, the upper of the middle two). */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** To three decimals. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Named seconds in one line. */
export function listOf(steps: Readonly<Record<string, number>>): string {
  return Object.entries(steps)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`)
    .join(', ');
}

/** The figures of a benchmark as a small table. */
export function tell(title: string, figures: Readonly<Record<string, number>>): void {
  console.log(`\n  ${title}`);
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(24)} ${value}`);
}
