import type { Dataset } from '../shared/contracts/contract.ts';
import { inspectHead } from '../shared/lake/inspect-head.ts';
import type { Batch, FileRef } from '../shared/ledger/batch.ts';
import { byVersion, type FileRecord, isFinal, isWhole } from '../shared/ledger/file-record.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';
import { recordStep } from './record-step.ts';

type Verdict =
  | {
      readonly status: 'processing';
      readonly md5: string;
      readonly replaces?: readonly string[];
      readonly replacesRows: boolean;
    }
  | { readonly status: 'rejected' | 'unchanged' | 'superseded'; readonly reason: string; readonly md5?: string };

const HEAD_BYTES = 256 * 1024;

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
  const judge = async (dataset: Dataset, file: FileRef): Promise<Verdict> => {
    const gone = {
      status: 'superseded',
      reason: 'The file was overwritten or deleted before it could be read; its newer version is an entry of its own.',
    } as const;
    const facts = await lake.facts(CONTAINERS.landing, file.path);
    if (facts === undefined || facts.etag !== file.etag) return gone;
    if (facts.size === 0) return { status: 'rejected', reason: 'The file is empty (0 bytes).' };
    const md5 = facts.md5 ?? (await lake.md5(CONTAINERS.landing, file.path, file.etag));
    if (md5 === undefined) return gone;
    const earlier = (await files.versions(dataset.contract.dataset, file.path)).filter(({ id }) => id !== file.id);
    const latest = earlier
      .filter(({ status, replacedBy }) => status === 'published' && replacedBy === undefined)
      .toSorted(byVersion)
      .at(-1);
    if (latest !== undefined && latest.md5 === md5 && latest.contractVersion === dataset.version && isWhole(latest)) {
      return {
        status: 'unchanged',
        md5,
        reason: `The content is the same as that of the version published in ${latest.batch ?? 'an earlier batch'}.`,
      };
    }
    const head = await lake.head(CONTAINERS.landing, file.path, file.etag, HEAD_BYTES);
    if (head === undefined) return gone;
    const complaint = inspectHead(dataset.contract, head);
    if (complaint !== undefined) return { status: 'rejected', md5, reason: complaint };
    const replaced = earlier.filter(({ status, replacedBy }) => REPLACED.has(status) && replacedBy === undefined);
    return {
      status: 'processing',
      md5,
      ...(replaced.length === 0 ? {} : { replaces: replaced.map(({ id }) => id) }),
      replacesRows: earlier.some(mayHaveRows),
    };
  };

  const inspect = async (
    dataset: Dataset,
    batch: Batch,
    file: FileRef,
  ): Promise<{ file: FileRef; accepted: boolean; replaces: boolean }> => {
    const known = await files.get(batch.dataset, file.id);
    // A file that went through a batch before is not read twice; one that an interrupted inspection accepted is.
    if (known !== undefined && isFinal(known)) return { file, accepted: false, replaces: false };
    const { replacesRows, ...verdict } = { replacesRows: false, ...(await judge(dataset, file)) };
    await files.update(batch.dataset, file.id, { ...verdict, batch: batch.id, contractVersion: dataset.version });
    return { file, accepted: verdict.status === 'processing', replaces: replacesRows };
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
      files: batch.files.length,
      ...(batch.refresh === undefined ? {} : { refresh: batch.refresh }),
      contractVersion: dataset.version,
      steps: {},
    });
    if (batch.resumes !== undefined) await runs.reopen(batch.dataset, batch.id, batch.resumes);
    const results = await recordStep(runs, batch, 'inspect', () =>
      Promise.all(batch.files.map((file) => inspect(dataset, batch, file))),
    );
    return {
      accepted: results.filter((result) => result.accepted).map((result) => result.file),
      replaced: results.filter((result) => result.replaces).map((result) => result.file.path),
      plan: { warehouse: contract.warehouse !== undefined, insights: (contract.insights ?? []).length > 0 },
    };
  };
}

/** A version that failed may have failed after its rows were written somewhere. */
function mayHaveRows({ status }: FileRecord): boolean {
  return status === 'published' || status === 'failed';
}
