import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { explainError, readProblem } from '../../api/api-problem.ts';
import { post, send } from '../../api/client.ts';
import type { FileRecord, ReplayAnswer } from '../../api/types.ts';
import { Notice } from '../../components/notice.tsx';
import { saveAs } from '../../components/save-as.ts';
import { may } from '../../session/session.ts';
import { QuarantinedRows } from './quarantined-rows.tsx';

/** What an operator can do about refused rows: look at them, take them home to correct them, have the file read again. */
export function QuarantineActions({ file }: { readonly file: FileRecord }): JSX.Element | null {
  const [shown, setShown] = useState(false);
  const [said, setSaid] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (!may('Pipeline.Operate') || file.replacedBy !== undefined) return null;
  const doing = async (work: () => Promise<string | undefined>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      setSaid(await work());
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const download = (): Promise<void> =>
    doing(async () => {
      const response = await send(`/api/quarantine/download?${queryOf(file)}`);
      if (!response.ok) throw await readProblem(response);
      const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
      saveAs(await response.blob(), name ?? 'quarantined');
      return undefined;
    });
  const replay = (): Promise<void> =>
    doing(async () => {
      const body = { dataset: file.dataset, files: [file.path] };
      const { files, leftOut } = await post<ReplayAnswer>('/api/quarantine/replay', body);
      return files.length > 0 ? 'It is read again under the present contract.' : leftOut[0]?.reason;
    });
  const hasRows = (file.rows?.quarantined ?? 0) > 0;
  return (
    <div>
      <div class="toolbar">
        {hasRows && (
          <button type="button" class="quiet" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {shown ? 'Hide rows' : 'Show rows'}
          </button>
        )}
        {hasRows && (
          <button type="button" class="quiet" disabled={busy} onClick={download}>
            Download rows
          </button>
        )}
        <button type="button" class="quiet" disabled={busy} onClick={replay}>
          Replay file
        </button>
      </div>
      {said !== undefined && <Notice kind="info">{said}</Notice>}
      {error !== undefined && <Notice kind="error">{explainError(error)}</Notice>}
      {shown && <QuarantinedRows query={queryOf(file)} path={file.path} />}
    </div>
  );
}

function queryOf({ dataset, path, batch }: FileRecord): string {
  return new URLSearchParams({ dataset, file: path, ...(batch === undefined ? {} : { batch }) }).toString();
}
