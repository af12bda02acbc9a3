import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api-client.ts';
import { round, table } from './report.ts';

interface SqlAnswer {
  readonly id: string;
  readonly state: string;
  readonly columns?: readonly { readonly name: string }[];
  readonly rows?: readonly (readonly unknown[])[];
}

interface Explanation {
  readonly change: number;
  readonly from: { readonly value: number };
  readonly to: { readonly value: number };
  readonly method: string;
  readonly dimensions: readonly {
    readonly dimension: string;
    readonly values: readonly { readonly value: string; readonly contribution: number }[];
  }[];
}

const STATEMENT = `SELECT origin, COUNT(*) AS flights, ROUND(AVG(arr_delay), 2) AS avg_arr_delay, MAX(dep_delay) AS longest_delay
FROM main.silver.flights WHERE month = :month GROUP BY origin ORDER BY origin`;

/** Asks the lake a question of one's own, as a power user does, and prints the answer. */
export async function askInSql(api: ApiClient, say: (line: string) => void): Promise<void> {
  const began = performance.now();
  let answer = await api.post<SqlAnswer>('/sql', { statement: STATEMENT, parameters: { month: 7 } });
  while (answer.state === 'running') {
    await sleep(200);
    answer = await api.get<SqlAnswer>(`/sql/${answer.id}`);
  }
  const names = (answer.columns ?? []).map(({ name }) => name);
  const items = (answer.rows ?? []).map((row) => Object.fromEntries(row.map((value, at) => [names[at] ?? '', value])));
  for (const line of STATEMENT.split('\n')) say(`  ${line}`);
  for (const line of table({ items }, names, 5)) say(line);
  say(`  answered in ${round((performance.now() - began) / 1000)} s`);
}

/** Asks why flights were later in one month than in another, and prints what contributed most. */
export async function askWhy(api: ApiClient, say: (line: string) => void): Promise<void> {
  const { change, from, to, method, dimensions } = await api.post<Explanation>('/explain', {
    ...{ dataset: 'flights', insight: 'carrier-punctuality', measure: 'avg_arr_delay' },
    ...{ from: { year: 2013, month: 11 }, to: { year: 2013, month: 12 } },
    ...{ dimensions: ['carrier', 'origin'], top: 3 },
  });
  const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
  say(
    `  November ${from.value.toFixed(3)} min → December ${to.value.toFixed(3)} min: ${signed(change)}, by ${method.split(':', 1)[0]}`,
  );
  for (const { dimension, values } of dimensions) {
    const parts = values.map(({ value, contribution }) => `${value} ${signed(contribution)}`);
    say(`    ${dimension.padEnd(8)} ${parts.join(', ')}`);
  }
}
