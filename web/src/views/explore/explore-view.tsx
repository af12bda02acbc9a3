import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { explainError } from '../../api/api-problem.ts';
import { call } from '../../api/client.ts';
import type { DatasetEntry } from '../../api/types.ts';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { ResultView } from './result-view.tsx';
import { runStatement, type SqlResult } from './run-statement.ts';

const FIRST_STATEMENT = `SELECT carrier, count(*) AS flights, round(avg(arr_delay), 1) AS avg_arr_delay
FROM main.silver.flights
GROUP BY carrier
ORDER BY flights DESC`;

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'done'; readonly result: SqlResult }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Explore: one reading SQL statement over the lake; its result as a grid, a chart and CSV. */
export default function ExploreView(): JSX.Element {
  const [statement, setStatement] = useState(FIRST_STATEMENT);
  const [state, setState] = useState<State>({ kind: 'idle' });
  const running = useRef<AbortController>(undefined);
  const run = async (): Promise<void> => {
    if (state.kind === 'running' || statement.trim() === '') return;
    const stop = new AbortController();
    running.current = stop;
    setState({ kind: 'running' });
    try {
      const result = await runStatement(statement, stop.signal);
      setState(result === undefined ? { kind: 'ended' } : { kind: 'done', result });
    } catch (error) {
      setState(stop.signal.aborted ? { kind: 'ended' } : { kind: 'failed', error });
    }
  };
  const runByKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void run();
  };
  return (
    <div>
      <h1>Explore</h1>
      <p class="lead">Ask the lake in Spark SQL. Statements read only; results are limited to 5,000 rows.</p>
      <div class="explore">
        <form
          class="panel"
          onSubmit={(event) => {
            event.preventDefault();
            void run();
          }}
        >
          <label class="field">
            <span>Statement</span>
            <textarea
              class="code"
              rows={7}
              spellcheck={false}
              value={statement}
              onInput={({ currentTarget }) => setStatement(currentTarget.value)}
              onKeyDown={runByKey}
            />
          </label>
          <div class="actions">
            <button type="submit" class="primary" disabled={state.kind === 'running'}>
              {state.kind === 'running' ? 'Running…' : 'Run'}
            </button>
            {state.kind === 'running' && (
              <button type="button" class="quiet" onClick={() => running.current?.abort()}>
                Stop
              </button>
            )}
            <span class="muted small key-hint">
              <kbd>Ctrl</kbd> + <kbd>Enter</kbd> runs it
            </span>
          </div>
        </form>
        <Tables onChoose={setStatement} />
      </div>
      {state.kind === 'running' && <Loading what="the result" lines={8} />}
      {state.kind === 'ended' && <Notice kind="info">The statement was stopped.</Notice>}
      {state.kind === 'failed' && <Notice kind="error">{explainError(state.error)}</Notice>}
      {state.kind === 'done' && <ResultView result={state.result} />}
    </div>
  );
}

/** The tables that can be asked, with their columns. */
function Tables({ onChoose }: { readonly onChoose: (statement: string) => void }): JSX.Element {
  const { value, error } = useLoaded('datasets', () =>
    call<{ readonly datasets: readonly DatasetEntry[] }>('/api/datasets'),
  );
  return (
    <section class="panel tables" aria-labelledby="tables-title">
      <h2 id="tables-title" class="eyebrow">
        Tables
      </h2>
      {error !== undefined && <Notice kind="error">{explainError(error)}</Notice>}
      {value?.datasets.map(({ dataset, table, columns }) => (
        <details key={dataset}>
          <summary>
            <code>{table}</code>
          </summary>
          <button type="button" class="quiet" onClick={() => onChoose(`SELECT *\nFROM ${table}\nLIMIT 100`)}>
            First 100 rows
          </button>
          <ul class="columns-list">
            {columns.map(({ name, type, description }) => (
              <li key={name} title={description}>
                <code>{name}</code> <span class="muted">{type}</span>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}
