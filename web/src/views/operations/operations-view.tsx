import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { explainError } from '../../api/api-problem.ts';
import { type Ledger, useLedger } from '../../api/use-ledger.ts';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { Options } from '../../components/options.tsx';
import { formatCount, humanize } from '../../format.ts';
import { Link } from '../../routing/link.tsx';
import { may } from '../../session/session.ts';
import { BackfillForm } from './backfill-form.tsx';
import { FileTable } from './file-table.tsx';
import { RunDetail } from './run-detail.tsx';
import { RunList } from './run-list.tsx';

/** No run is called so. */
const BACKFILL = 'backfill';

/** Operations: files as they flow, the runs that carry them, and one run in full. */
export default function OperationsView({ route }: { readonly route: readonly string[] }): JSX.Element {
  const [runId] = route;
  const ledger = useLedger();
  const [dataset, setDataset] = useState('');
  const datasets = [...new Set([...ledger.files, ...ledger.runs].map((record) => record.dataset))].sort();
  const files = ledger.files.filter((file) => dataset === '' || file.dataset === dataset);
  const runs = ledger.runs.filter((run) => dataset === '' || run.dataset === dataset);
  const loading = ledger.state === 'loading' && ledger.error === undefined;
  return (
    <div>
      <header class="view-header">
        <h1>Operations</h1>
        <LiveMark state={ledger.state} />
        {may('Pipeline.Operate') && runId !== BACKFILL && <Link to={`operations/${BACKFILL}`}>Backfill…</Link>}
        <label class="field field-inline">
          <span>Dataset</span>
          <select value={dataset} onChange={({ currentTarget }) => setDataset(currentTarget.value)}>
            <option value="">All</option>
            <Options names={datasets} />
          </select>
        </label>
      </header>
      {ledger.error !== undefined && <Notice kind="error">{explainError(ledger.error)}</Notice>}
      <Flow files={files} />
      {runId === BACKFILL && <BackfillForm />}
      {runId !== undefined && runId !== BACKFILL && (
        <RunDetail key={runId} id={runId} live={ledger.runs.find(({ id }) => id === runId)} />
      )}
      <div class="columns">
        <section aria-labelledby="runs-title">
          <h2 id="runs-title">Runs</h2>
          {loading ? <Loading what="runs" /> : <RunList runs={runs} selected={runId} />}
        </section>
        <section aria-labelledby="files-title">
          <h2 id="files-title">Ledger of files</h2>
          {loading ? <Loading what="files" /> : <FileTable caption="Files, newest first" files={files} />}
        </section>
      </div>
    </div>
  );
}

function LiveMark({ state }: { readonly state: Ledger['state'] }): JSX.Element {
  return (
    <span class={`live live-${state}`} role="status">
      <span class="live-dot" aria-hidden="true" />
      {state === 'live' ? 'Live' : 'Connecting…'}
    </span>
  );
}

const STAGES = [
  'waiting',
  'arrived',
  'processing',
  'published',
  'unchanged',
  'superseded',
  'retracted',
  'rejected',
  'failed',
] as const;

/** How many of the files shown stand where, in the order in which they pass. */
function Flow({ files }: { readonly files: Ledger['files'] }): JSX.Element {
  return (
    <ul class="flow" aria-label="Files by status">
      {STAGES.map((status) => {
        const count = files.filter((file) => file.status === status).length;
        return (
          <li key={status} class={`flow-stage flow-${status}${count === 0 ? ' flow-none' : ''}`}>
            <span class="flow-count">{formatCount(count)}</span>
            <span class="flow-name">{humanize(status)}</span>
          </li>
        );
      })}
    </ul>
  );
}
