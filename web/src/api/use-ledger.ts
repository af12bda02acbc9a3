import { useEffect, useState } from 'preact/hooks';
import { call } from './client.ts';
import { followChanges } from './follow-changes.ts';
import type { FileRecord, Page, RunRecord } from './types.ts';

/** Files and runs as they stand now, newest first. */
export interface Ledger {
  readonly files: readonly FileRecord[];
  readonly runs: readonly RunRecord[];
  readonly state: 'loading' | 'live' | 'connecting';
  readonly error?: unknown;
}

const SHOWN_FILES = 200;
const SHOWN_RUNS = 60;

/** The newest files and runs, kept up to date by the stream of changes while the component is shown. */
export function useLedger(): Ledger {
  const [ledger, setLedger] = useState<Ledger>({ files: [], runs: [], state: 'loading' });
  useEffect(() => {
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const [files, runs] = await Promise.all([
          call<Page<FileRecord>>(`/api/files?limit=${SHOWN_FILES}`, { signal: stop.signal }),
          call<Page<RunRecord>>(`/api/runs?limit=${SHOWN_RUNS}`, { signal: stop.signal }),
        ]);
        // What the stream told meanwhile is newer than the lists.
        setLedger(({ error: _, ...now }) => ({
          ...now,
          state: now.state === 'loading' ? 'connecting' : now.state,
          files: newest([...files.items, ...now.files], ({ landedAt }) => landedAt, SHOWN_FILES),
          runs: newest([...runs.items, ...now.runs], ({ startedAt }) => startedAt, SHOWN_RUNS),
        }));
      } catch (error) {
        if (!stop.signal.aborted) setLedger((now) => ({ ...now, error }));
      }
    };
    void load();
    followChanges(
      {
        file: (record) =>
          setLedger((now) => ({
            ...now,
            files: newest([...now.files, record], ({ landedAt }) => landedAt, SHOWN_FILES),
          })),
        run: (record) =>
          setLedger((now) => ({
            ...now,
            runs: newest([...now.runs, record], ({ startedAt }) => startedAt, SHOWN_RUNS),
          })),
        reset: () => void load(),
        state: (state) => {
          setLedger((now) => (now.state === state ? now : { ...now, state }));
        },
      },
      stop.signal,
    );
    return () => stop.abort();
  }, []);
  return ledger;
}

/** Each record once, as it was told last; newest first, and no more than are shown. */
export function newest<T extends { readonly id: string }>(
  records: readonly T[],
  time: (record: T) => string,
  most: number,
): readonly T[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return [...byId.values()].sort((a, b) => (time(a) < time(b) ? 1 : -1)).slice(0, most);
}
