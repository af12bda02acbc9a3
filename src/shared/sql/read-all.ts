import { setTimeout as sleep } from 'node:timers/promises';
import type { Statement, StatementClient, StatementParameter } from '../databricks/statement-client.ts';
import { RequestProblem } from '../http/problem.ts';
import { STATUS_OF_CODE } from './present-statement.ts';

const POLL_MILLISECONDS = 500;

/** What a query that the app itself asks may cost. */
export interface QueryLimits {
  readonly rows: number;
  readonly bytes: number;
  readonly waitSeconds: number;
  readonly timeoutSeconds: number;
}

/** A row by its columns' names; values are text or null. */
export type Row = Readonly<Record<string, string | null>>;

/**
 * Runs a query to its end and gives all rows.
 * @throws RequestProblem with the engine's message, 422 when there are more rows than the limit, 504 when it takes too long
 */
export async function readAll(
  client: StatementClient,
  statement: string,
  parameters: readonly StatementParameter[],
  limits: QueryLimits,
): Promise<readonly Row[]> {
  const deadline = Date.now() + limits.timeoutSeconds * 1000;
  let answer: Statement | undefined = await client.submit(statement, parameters, limits);
  while (answer?.state === 'running') {
    if (Date.now() > deadline) {
      await client.cancel(answer.id);
      throw new RequestProblem(504, `A query ran longer than ${limits.timeoutSeconds} s and was ended; ask for less.`);
    }
    await sleep(POLL_MILLISECONDS);
    answer = await client.get(answer.id);
  }
  if (answer?.state === 'failed')
    throw new RequestProblem(STATUS_OF_CODE[answer.code] ?? 502, `${answer.code}: ${answer.message}`);
  if (answer?.state !== 'succeeded') throw new RequestProblem(502, 'A query was ended from outside; ask again.');
  if (answer.truncated) throw new RequestProblem(422, `The answer has more than ${limits.rows} rows; ask for less.`);
  const names = answer.columns.map(({ name }) => name);
  const rows: Row[] = [];
  let part = answer.first;
  while (true) {
    for (const row of part.rows) rows.push(Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
    if (part.nextChunk === undefined) return rows;
    const next = await client.rows(answer.id, part.nextChunk);
    if (next === undefined) throw new RequestProblem(502, 'Part of a result is gone; ask again.');
    part = next;
  }
}
