import {
  type Definition,
  formatReference,
  type MetricFilter,
  type MetricQuery,
  OPERATORS,
} from '../../semantic-model/index.ts';
import type { Cell } from './start-model.ts';

const MOST_MEMBERS = 10_000;

/** Combinations of columns and filters, the same for the same seed; members are drawn from what flights have. */
export async function generateQueries(
  definition: Definition,
  count: number,
  seed: number,
  valuesOf: (column: string) => Promise<readonly Cell[]>,
): Promise<readonly MetricQuery[]> {
  const random = createRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T => {
    const found = from[below(from.length)];
    if (found === undefined) throw new Error('Nothing to pick from.');
    return found;
  };
  const visible = definition.tables
    .filter((table) => !table.hidden)
    .flatMap((table) =>
      table.columns
        .filter((column) => !column.hidden)
        .map(({ name, type }) => ({ reference: { table: table.name, column: name }, type })),
    );
  const several = (most: number): typeof visible => {
    const chosen = new Set<(typeof visible)[number]>();
    for (let left = below(most + 1); left > 0; left -= 1) chosen.add(pick(visible));
    return [...chosen];
  };
  const queries: MetricQuery[] = [];
  while (queries.length < count) {
    const filters: MetricFilter[] = [];
    for (const { reference: column, type } of several(3)) {
      const all = await valuesOf(formatReference(column));
      const draw = (): Cell => {
        const value = pick(all);
        return type === 'dateTime' && typeof value === 'string' ? value.slice(0, 10) : value;
      };
      const bound = draw();
      if (bound !== null && ['int64', 'double', 'dateTime'].includes(type) && random() < 0.5) {
        filters.push({ column, operator: pick(OPERATORS), value: bound });
      } else {
        filters.push({ column, values: [...new Set(Array.from({ length: 1 + below(6) }, draw))] });
      }
    }
    const by = several(3).map(({ reference }) => reference);
    let members = 1;
    for (const column of by) members *= (await valuesOf(formatReference(column))).length;
    // Larger answers take long and prove no more.
    if (members <= MOST_MEMBERS) queries.push({ measures: definition.measures.map(({ name }) => name), by, filters });
  }
  return queries;
}

/** Mulberry32, a generator of 32 bits of state. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
