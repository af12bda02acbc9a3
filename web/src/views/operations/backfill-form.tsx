import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { explainError } from '../../api/api-problem.ts';
import { call, post } from '../../api/client.ts';
import type { BackfillPreview, DatasetEntry } from '../../api/types.ts';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { Options } from '../../components/options.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { Link } from '../../routing/link.tsx';
import { go } from '../../routing/router.ts';
import { may } from '../../session/session.ts';
import { BackfillPreviewPanel } from './backfill-preview.tsx';

/** What the form holds: texts as they were typed; what is empty is not asked for. */
interface Fields {
  readonly dataset: string;
  readonly path: string;
  readonly landedFrom: string;
  readonly landedBefore: string;
  readonly contractVersion: string;
  readonly firstBatch: string;
  readonly lastBatch: string;
  readonly canary: boolean;
  readonly growthPercent: string;
}

const EMPTY: Fields = {
  ...{ dataset: '', path: '', landedFrom: '', landedBefore: '', contractVersion: '', firstBatch: '', lastBatch: '' },
  ...{ canary: true, growthPercent: '1' },
};

/** Has files of a range read again under the present contract: first what that comes to, then, if wanted, exactly that. */
export function BackfillForm(): JSX.Element {
  const datasets = useLoaded('datasets', () => call<{ readonly datasets: readonly DatasetEntry[] }>('/api/datasets'));
  const [fields, setFields] = useState<Fields>(EMPTY);
  const [preview, setPreview] = useState<BackfillPreview>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (!may('Pipeline.Operate')) return <Notice kind="info">A backfill asks for the role Pipeline.Operate.</Notice>;
  if (datasets.error !== undefined) return <Notice kind="error">{explainError(datasets.error)}</Notice>;
  if (datasets.value === undefined) return <Loading what="the datasets" />;
  const names = datasets.value.datasets.map(({ dataset }) => dataset);
  const dataset = fields.dataset === '' ? (names[0] ?? '') : fields.dataset;
  const pattern = datasets.value.datasets.find((entry) => entry.dataset === dataset)?.path ?? '';
  // What was previewed is no longer what the form says.
  const set = (change: Partial<Fields>): void => {
    setFields({ ...fields, ...change });
    setPreview(undefined);
    setError(undefined);
  };
  const doing = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const ask = (event: Event): Promise<void> => {
    event.preventDefault();
    return doing(async () => setPreview(await post('/api/backfill/preview', bodyOf({ ...fields, dataset }))));
  };
  const start = (): Promise<void> =>
    doing(async () => {
      const { id } = await post<{ readonly id: string }>('/api/backfill', { token: preview?.token });
      go(`operations/${id}`);
    });
  const text = (name: 'path' | 'contractVersion', title: string, placeholder: string): JSX.Element => (
    <label class="field">
      <span>{title}</span>
      <input
        value={fields[name]}
        placeholder={placeholder}
        onInput={({ currentTarget }) => set({ [name]: currentTarget.value })}
      />
    </label>
  );
  const typed = (
    name: 'landedFrom' | 'landedBefore' | 'firstBatch' | 'lastBatch' | 'growthPercent',
    title: string,
    type: 'datetime-local' | 'number',
  ): JSX.Element => (
    <label class="field">
      <span>{title}</span>
      <input
        type={type}
        value={fields[name]}
        {...(type === 'number' && {
          min: name === 'growthPercent' ? 0 : 1,
          step: name === 'growthPercent' ? 'any' : 1,
        })}
        onInput={({ currentTarget }) => set({ [name]: currentTarget.value })}
      />
    </label>
  );
  return (
    <section class="panel" aria-labelledby="backfill-title">
      <header class="run-header">
        <h2 id="backfill-title">Backfill</h2>
        <Link to="operations" class="close">
          Close
        </Link>
      </header>
      <p class="muted">Files of a range go through the present contract again, in place of what they brought.</p>
      <form onSubmit={ask}>
        <div class="form-grid">
          <label class="field">
            <span>Dataset</span>
            <select value={dataset} onChange={({ currentTarget }) => set({ dataset: currentTarget.value })}>
              <Options names={names} />
            </select>
          </label>
          {text('path', 'Path fits', pattern)}
          {text('contractVersion', 'Read under contract', 'any')}
          {typed('landedFrom', 'Landed from', 'datetime-local')}
          {typed('landedBefore', 'Landed before', 'datetime-local')}
          {typed('firstBatch', 'From batch', 'number')}
          {typed('lastBatch', 'To batch', 'number')}
        </div>
        <div class="form-grid">
          <label class="check">
            <input
              type="checkbox"
              checked={fields.canary}
              onChange={({ currentTarget }) => set({ canary: currentTarget.checked })}
            />
            <span>One file first, as a canary</span>
          </label>
          {fields.canary && typed('growthPercent', 'It may refuse so many percent more', 'number')}
        </div>
        <div class="actions">
          <button type="submit" class={preview === undefined ? 'primary' : 'quiet'} disabled={busy}>
            {busy && preview === undefined ? 'Looking…' : 'Preview'}
          </button>
        </div>
      </form>
      {error !== undefined && <Notice kind="error">{explainError(error)}</Notice>}
      {preview !== undefined && (
        <BackfillPreviewPanel preview={preview}>
          <button type="button" class="primary" disabled={busy || preview.files === 0} onClick={start}>
            {busy ? 'Starting…' : 'Start backfill'}
          </button>
        </BackfillPreviewPanel>
      )}
    </section>
  );
}

/** The body of the request: times in UTC, numbers as numbers. */
function bodyOf(fields: Fields): object {
  const { dataset, path, contractVersion, canary, growthPercent } = fields;
  const utc = (text: string): string => new Date(text).toISOString();
  const given = Object.entries({
    ...{ path, contractVersion },
    landedFrom: fields.landedFrom && utc(fields.landedFrom),
    landedBefore: fields.landedBefore && utc(fields.landedBefore),
    firstBatch: fields.firstBatch && Number(fields.firstBatch),
    lastBatch: fields.lastBatch && Number(fields.lastBatch),
    maxQuarantinedGrowth: growthPercent && Number(growthPercent) / 100,
  }).filter(([, value]) => value !== '');
  return { dataset, canary, ...Object.fromEntries(given) };
}
