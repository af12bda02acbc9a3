import { call, post } from '../../api/client.ts';
import type { SqlAnswer, SqlColumn } from '../../api/types.ts';

/** Everything that a statement gave, up to the limit. */
export interface SqlResult {
  readonly columns: readonly SqlColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly seconds: number;
}

const LIMIT = 5000;
const ASK_AGAIN_MILLISECONDS = 700;

/**
 * Runs a statement and reads all pages of its result. When `signal` aborts, the statement is ended at the warehouse, too.
 * @returns undefined when it was ended
 */
export async function runStatement(statement: string, signal: AbortSignal): Promise<SqlResult | undefined> {
  const began = performance.now();
  let id: string | undefined;
  const end = (): void => {
    if (id !== undefined) void call(`/api/sql/${id}`, { method: 'DELETE' }).catch(() => undefined);
  };
  signal.addEventListener('abort', end);
  try {
    let answer = await post<SqlAnswer>('/api/sql', { statement, limit: LIMIT });
    id = answer.id;
    if (signal.aborted) end();
    while (answer.state === 'running' && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MILLISECONDS));
      answer = await call<SqlAnswer>(`/api/sql/${id}`);
    }
    if (answer.state !== 'succeeded' || signal.aborted) return undefined;
    const { columns, truncated } = answer;
    const rows = [...answer.rows];
    for (let { next } = answer; next !== null; ) {
      const page: SqlAnswer = await call<SqlAnswer>(`/api/sql/${id}?cursor=${encodeURIComponent(next)}`);
      if (page.state !== 'succeeded') break;
      rows.push(...page.rows);
      next = page.next;
    }
    return { columns, rows, truncated, seconds: (performance.now() - began) / 1000 };
  } finally {
    signal.removeEventListener('abort', end);
  }
}
