import type { Dataset } from '../shared/contracts/contract.ts';
import { inspectHead } from '../shared/lake/inspect-head.ts';
import type { BlobFacts } from '../shared/lake/lake.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import type { Batch, FileRef } from '../shared/ledger/batch.ts';
import type { RecordChange } from '../shared/ledger/file-ledger.ts';
import { readFiles, writeFiles } from '../shared/ledger/file-lists.ts';
import { byVersion, type FileRecord, isFinal } from '../shared/ledger/file-record.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { RunRecord } from '../shared/runs/run-record.ts';
import type { Services } from '../shared/services.ts';
import { chunks, mapSome } from '../shared/some-at-once.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';
import { recordStep } from './record-step.ts';

type Verdict =
  | {
      readonly status: 'processing';
      readonly md5?: string;
      readonly replaces?: readonly string[];
      readonly replacesRows: boolean;
    }
  | { readonly status: 'rejected' | 'unchanged' | 'superseded'; readonly reason: string; readonly md5?: string };

interface Inspected {
  readonly file: FileRef;
  readonly accepted: boolean;
  readonly replacesRows: boolean;
  /** The entry in the ledger. */
  readonly known?: FileRecord;
}

const SETS_TOLD = 20;

const HEAD_BYTES = 256 * 1024;

/** How many files' entries are asked for and written together, and how many files are read at the same time. */
const FILES_AT_ONCE = 200;
const READS_AT_ONCE = 16;

/** What these entries tell of a path no longer counts when a later one is published. */
const REPLACED = new Set<FileRecord['status']>(['published', 'failed', 'rejected']);

/**
 * Looks at each file before any Databricks run is bought: is it still the version that was announced, is it new, and
 * does it look like what the contract expects? What does not go on is entered in the ledger with its reason.
 */
export function createInspectFiles({
  datasets,
  files,
  lake,
  runs,
}: Pick<Services, 'datasets' | 'files' | 'lake' | 'runs'>): Activities['inspect-files'] {
  const judge = async (dataset: Dataset, file: FileRef, earlier: readonly FileRecord[]): Promise<Verdict> => {
    const gone = {
      status: 'superseded',
      reason: 'The file was overwritten or deleted before it could be read; its newer version is an entry of its own.',
    } as const;
    const replaced = earlier.filter(({ status, replacedBy }) => REPLACED.has(status) && replacedBy === undefined);
    const taking = {
      ...(replaced.length === 0 ? {} : { replaces: replaced.map(({ id }) => id) }),
      replacesRows: earlier.some(mayHaveRows),
    };
    if (file.deleted === true) return judgeDeletion(await lake.facts(CONTAINERS.landing, file.path), taking);
    const head = await lake.head(CONTAINERS.landing, file.path, file.etag, HEAD_BYTES);
    if (head === undefined) return gone;
    if (head.size === 0) return { status: 'rejected', reason: 'The file is empty (0 bytes).' };
    const md5 = head.md5 ?? (await lake.md5(CONTAINERS.landing, file.path, file.etag));
    if (md5 === undefined) return gone;
    const latest = earlier
      .filter(({ status, replacedBy }) => status === 'published' && replacedBy === undefined)
      .toSorted(byVersion)
      .at(-1);
    if (latest !== undefined && latest.md5 === md5 && latest.contractVersion === dataset.version) {
      return {
        status: 'unchanged',
        md5,
        reason: `The content is the same as that of the version published in ${latest.batch ?? 'an earlier batch'}.`,
      };
    }
    const complaint = inspectHead(dataset.contract, file.path, head.bytes);
    if (complaint !== undefined) return { status: 'rejected', md5, reason: complaint };
    return { status: 'processing', md5, ...taking };
  };

  const inspect = async (dataset: Dataset, batch: Batch, some: readonly FileRef[]): Promise<readonly Inspected[]> => {
    const versions = await files.versionsOf(
      batch.dataset,
      some.map(({ path }) => path),
    );
    const changes: RecordChange[] = [];
    const inspected = await mapSome(some, READS_AT_ONCE, async (file) => {
      const entries = versions.get(file.path) ?? [];
      const known = entries.find(({ id }) => id === file.id);
      // A file that went through a batch before is not read twice; one that an interrupted inspection accepted is.
      if (known !== undefined && isFinal(known)) return { file, accepted: false, replacesRows: false };
      const earlier = entries.filter(({ id }) => id !== file.id);
      const { replacesRows, ...verdict } = { replacesRows: false, ...(await judge(dataset, file, earlier)) };
      changes.push({ id: file.id, fields: { ...verdict, batch: batch.id, contractVersion: dataset.version } });
      return {
        file,
        accepted: verdict.status === 'processing',
        replacesRows,
        ...(known === undefined ? {} : { known }),
      };
    });
    // Before the files themselves, which then belong to this batch.
    await runs.continueIn(batch.dataset, batchesBefore(batch, inspected), batch.id);
    await files.updateAll(batch.dataset, changes);
    return inspected;
  };

  return async (batch) => {
    const startedAt = new Date().toISOString();
    const dataset = datasetOf(datasets, batch);
    const { contract } = dataset;
    await runs.open({
      id: batch.id,
      dataset: batch.dataset,
      number: batch.number,
      status: 'running',
      startedAt,
      files: batch.files?.count ?? 0,
      ...(batch.refresh === undefined ? {} : { refresh: batch.refresh }),
      contractVersion: dataset.version,
      steps: {},
    });
    if (batch.resumes !== undefined) await runs.reopen(batch.dataset, batch.id, batch.resumes);
    return recordStep(runs, batch, 'inspect', async () => {
      const results: Inspected[] = [];
      for (const some of chunks(await readFiles(lake, batch), FILES_AT_ONCE))
        results.push(...(await inspect(dataset, batch, some)));
      const sets = setsOf(results);
      if (sets.length > 0) await runs.update(batch.dataset, batch.id, { sets });
      const accepted = results.filter((result) => result.accepted).map(({ file }) => file);
      return {
        files: await writeFiles(lake, lakePaths.files(batch.id, 'accepted'), accepted),
        replacesRows: results.some(({ replacesRows }) => replacesRows),
        plan: { warehouse: contract.warehouse !== undefined, insights: (contract.insights ?? []).length > 0 },
      };
    });
  };
}

/** The batches that some of these files belonged to before: they ended, and were resumed. */
function batchesBefore(batch: Batch, inspected: readonly Inspected[]): readonly string[] {
  const before = inspected.flatMap(({ known }) => (known === undefined || isFinal(known) ? [] : (known.batch ?? [])));
  return [...new Set(before)].filter((id) => id !== batch.id);
}

/** The sets that went together, with what they went without. */
function setsOf(results: readonly Inspected[]): NonNullable<RunRecord['sets']> {
  const missing = new Map<string, string | undefined>();
  for (const { known } of results) {
    if (known?.set !== undefined) missing.set(known.set, known.missing ?? missing.get(known.set));
  }
  return [...missing]
    .slice(0, SETS_TOLD)
    .map(([name, lacking]) => ({ name, ...(lacking === undefined ? {} : { missing: lacking }) }));
}

/** A deletion takes back what still counts of the file, unless the file is there again: that is a version of its own. */
function judgeDeletion(
  there: BlobFacts | undefined,
  taking: { readonly replaces?: readonly string[]; readonly replacesRows: boolean },
): Verdict {
  if (there !== undefined) {
    return {
      status: 'superseded',
      reason:
        'The file is in landing again: its newer version, an entry of its own, takes the place of what was there.',
    };
  }
  if (taking.replaces === undefined) {
    return { status: 'unchanged', reason: 'Nothing that the file brought counts: there is nothing to take back.' };
  }
  return { status: 'processing', ...taking };
}

/** A version that failed may have failed after its rows were written somewhere. */
function mayHaveRows({ status }: FileRecord): boolean {
  return status === 'published' || status === 'failed';
}
