import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { explainError } from '../../api/api-problem.ts';
import { call } from '../../api/client.ts';
import type { DatasetEntry } from '../../api/types.ts';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { formatBytes } from '../../format.ts';
import { DropZone } from './drop-zone.tsx';
import { Expectations } from './expectations.tsx';
import { FileJourney } from './file-journey.tsx';
import { type SentFile, sendFile } from './send-file.ts';
import { datasetOfHeader, datasetOfName, headerOf, suggestPath } from './suggest-path.ts';

const HEADER_BYTES = 64 * 1024;

type Sending =
  | { readonly kind: 'choosing'; readonly error?: unknown }
  | { readonly kind: 'sending'; readonly share: number }
  | { readonly kind: 'sent'; readonly sent: SentFile };

/** Upload: a file is dropped, its dataset recognised by its columns or its name, sent, and followed until it is an insight. */
export default function UploadView(): JSX.Element {
  const datasets = useLoaded('datasets', () => call<{ readonly datasets: readonly DatasetEntry[] }>('/api/datasets'));
  const entries = datasets.value?.datasets ?? [];
  const [file, setFile] = useState<File>();
  const [dataset, setDataset] = useState('');
  const [path, setPath] = useState('');
  const [sending, setSending] = useState<Sending>({ kind: 'choosing' });

  const choose = async (chosen: File): Promise<void> => {
    setSending({ kind: 'choosing' });
    const header = headerOf(await chosen.slice(0, HEADER_BYTES).text());
    const found = datasetOfHeader(header, entries) ?? datasetOfName(chosen.name, entries);
    setFile(chosen);
    setDataset(found?.dataset ?? '');
    setPath(found === undefined ? '' : suggestPath(found.path, chosen.name));
  };
  const chooseDataset = (name: string): void => {
    const entry = entries.find((candidate) => candidate.dataset === name);
    setDataset(name);
    if (entry !== undefined && file !== undefined) setPath(suggestPath(entry.path, file.name));
  };
  const send = async (chosen: File): Promise<void> => {
    setSending({ kind: 'sending', share: 0 });
    try {
      const sent = await sendFile(chosen, path, (share) => setSending({ kind: 'sending', share }));
      setSending({ kind: 'sent', sent });
    } catch (error) {
      setSending({ kind: 'choosing', error });
    }
  };

  return (
    <div>
      <h1>Upload</h1>
      <p class="lead">
        Drop a file; it goes straight to the landing container, and you can watch it become an insight.
      </p>
      {datasets.error !== undefined && <Notice kind="error">{explainError(datasets.error)}</Notice>}
      {datasets.loading && datasets.value === undefined && <Loading what="what is expected" />}
      {entries.length > 0 && <DropZone onFile={choose} disabled={sending.kind === 'sending'} />}
      {file !== undefined && sending.kind !== 'sent' && (
        <form
          class="panel upload-form"
          onSubmit={(event) => {
            event.preventDefault();
            void send(file);
          }}
        >
          <h2>
            {file.name} <span class="muted">{formatBytes(file.size)}</span>
          </h2>
          {dataset === '' && (
            <Notice kind="warning">
              Its first line fits no dataset. Choose where it belongs; it will be checked there.
            </Notice>
          )}
          <div class="toolbar">
            <label class="field">
              <span>Dataset</span>
              <select required value={dataset} onChange={({ currentTarget }) => chooseDataset(currentTarget.value)}>
                <option value="">Choose…</option>
                {entries.map((entry) => (
                  <option key={entry.dataset} value={entry.dataset}>
                    {entry.dataset}
                  </option>
                ))}
              </select>
            </label>
            <label class="field field-wide">
              <span>Path in the landing container</span>
              <input
                required
                value={path}
                spellcheck={false}
                onInput={({ currentTarget }) => setPath(currentTarget.value)}
              />
            </label>
          </div>
          {sending.kind === 'choosing' && sending.error !== undefined && (
            <Notice kind="error">{explainError(sending.error)}</Notice>
          )}
          {sending.kind === 'sending' ? (
            <label class="field">
              <span>Sending… {Math.round(sending.share * 100)} %</span>
              <progress value={sending.share} max={1} />
            </label>
          ) : (
            <button type="submit" class="primary">
              Upload
            </button>
          )}
        </form>
      )}
      {sending.kind === 'sent' && (
        <FileJourney
          key={`${sending.sent.path} ${sending.sent.etag}`}
          sent={sending.sent}
          insights={entries.find((entry) => entry.dataset === sending.sent.dataset)?.insights ?? []}
        />
      )}
      <Expectations datasets={entries} />
    </div>
  );
}
