import type { Value } from './arithmetic.ts';
import type { AggregateQuery, RunSql } from './table-query.ts';

/** The rows of an aggregate query; the aggregate stands at `place`, after the group columns. */
export interface AggregateRows {
  readonly rows: readonly (readonly Value[])[];
  readonly place: number;
}

/** Answers an aggregate, given in SQL, over an aggregate query. */
export type ReadAggregate = (query: AggregateQuery, expression: string) => Promise<AggregateRows>;

interface Batch {
  readonly query: AggregateQuery;
  readonly expressions: string[];
  readonly rows: Promise<AggregateRows['rows']>;
}

/**
 * Aggregates that are asked for in the same turn of the event loop and differ in nothing but the aggregate are read together:
 * a dozen measures are then a few scans. What was read once is not read again.
 */
export function createAggregateReader(run: RunSql): ReadAggregate {
  const known = new Map<string, Promise<AggregateRows>>();
  const open = new Map<string, Batch>();
  const read = ({ query, expressions }: Pick<Batch, 'query' | 'expressions'>): ReturnType<RunSql> =>
    run(`SELECT ${[...query.columns, ...expressions].join(', ')} ${query.rest}`);
  const begin = (query: AggregateQuery, key: string): Batch => {
    const expressions: string[] = [];
    const rows = new Promise<void>((resolve) => {
      setImmediate(resolve);
    }).then(() => {
      open.delete(key);
      return read({ query, expressions });
    });
    const batch = { query, expressions, rows };
    open.set(key, batch);
    return batch;
  };
  return (query, expression) => {
    const key = JSON.stringify([query.columns, query.rest]);
    const name = `${key} ${expression}`;
    const asked = known.get(name);
    if (asked !== undefined) return asked;
    const batch = open.get(key) ?? begin(query, key);
    const place = query.columns.length + batch.expressions.push(expression) - 1;
    const answer = batch.rows.then((rows) => ({ rows, place }));
    known.set(name, answer);
    return answer;
  };
}
