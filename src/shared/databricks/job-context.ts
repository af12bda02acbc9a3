import type { Contract, Dataset } from '../contracts/contract.ts';
import { keepsHistory } from '../contracts/history.ts';
import type { Datasets } from '../contracts/load-datasets.ts';
import type { Lake } from '../lake/lake.ts';
import { lakePaths } from '../lake/paths.ts';
import type { Training, TrainingMode } from '../models/training.ts';
import { CONTAINERS, type JobStep } from '../names.ts';
import { formatTraceparent, jobPlace, type TracedBatch } from '../telemetry/span-place.ts';

/** What a job is told, as a JSON document in the lake; the job gets only its URI. */
export interface JobContext {
  readonly version: 1;
  readonly step: JobStep;
  readonly run_id: string;
  readonly attempt: number;
  readonly dataset: string;
  readonly contract: object;
  readonly contract_version: string;
  readonly batch: { readonly id: string; readonly number: number; readonly files: readonly object[] };
  readonly roots: { readonly landing: string; readonly lake: string; readonly quarantine: string };
  /** The Delta version of the silver table that the last published batch left; null when none was published. */
  readonly silver: { readonly version: number | null };
  /** Earlier published batches, the newest first; only where rules compare with them. */
  readonly history?: readonly string[];
  readonly references: Readonly<Record<string, Reference>>;
  readonly model?: { readonly skip: true };
  /** Nothing that readers see comes of it: what changes belongs to the version that is served. */
  readonly publishes?: false;
  /** What `train` is to do; without it, to give the dataset its first model. */
  readonly training?: { readonly mode: TrainingMode; readonly force: boolean };
  /** The place of the run in the trace of its batch, as W3C Trace Context writes it. */
  readonly traceparent: string;
  readonly result_uri: string;
}

/** Where a reference dataset's table is, its columns' types, and the Delta version that is published: null when none is. */
interface Reference {
  readonly silver: string;
  readonly columns: Readonly<Record<string, string>>;
  /** It holds every version of a row. */
  readonly history?: true;
  readonly version: number | null;
}

interface BatchFile {
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  readonly sequencer: string;
  readonly landedAt: string;
  readonly deleted?: true;
}

/** What a step is told beside its batch. */
export interface StepOptions {
  /** Score without a model: training found too little to learn from. */
  readonly skipModel?: boolean;
  /** Only keep what lost to others, in case that those go: the batch ends without being published. */
  readonly unpublished?: boolean;
  /** A training of its own, beside all batches. */
  readonly training?: Pick<Training, 'mode' | 'force'>;
}

/** Whether cleansing compares a batch with those before it. */
export function comparesBatches({ rules }: Contract): boolean {
  return rules.some(({ distribution, row_count }) => distribution !== undefined || row_count?.max_change !== undefined);
}

/** Published Delta versions of silver tables, by dataset; a dataset that was never published is missing. */
export type SilverVersions = ReadonlyMap<string, number>;

/** The context of one attempt of a step. The same arguments always give the same document. */
export function jobContext(
  lake: Lake,
  datasets: Datasets,
  dataset: Dataset,
  batch: TracedBatch & { readonly number: number; readonly files: readonly BatchFile[] },
  step: JobStep,
  attempt: number,
  { skipModel = false, unpublished = false, training }: StepOptions,
  silverVersions: SilverVersions,
  history: readonly string[] = [],
): JobContext {
  const { contract, statements, version } = dataset;
  const insights = contract.insights?.map((insight) => ({ ...insight, statement: statements[insight.name] }));
  return {
    version: 1,
    step,
    run_id: batch.id,
    attempt,
    dataset: contract.dataset,
    contract: insights === undefined ? contract : { ...contract, insights },
    contract_version: version,
    batch: {
      id: batch.id,
      number: batch.number,
      files: batch.files.map(({ path, etag, size, sequencer, landedAt, deleted }) => ({
        path,
        etag,
        size,
        sequencer,
        landed_at: landedAt,
        ...(deleted === undefined ? {} : { deleted }),
      })),
    },
    roots: {
      landing: lake.uri(CONTAINERS.landing),
      lake: lake.uri(CONTAINERS.lake),
      quarantine: lake.uri(CONTAINERS.quarantine),
    },
    silver: { version: silverVersions.get(contract.dataset) ?? null },
    ...(history.length === 0 ? {} : { history }),
    references: Object.fromEntries(
      referencesOf(contract).map((name) => [name, reference(lake, datasets, name, silverVersions)]),
    ),
    traceparent: formatTraceparent(jobPlace(batch, step, attempt)),
    ...(skipModel ? { model: { skip: true } as const } : {}),
    ...(unpublished ? { publishes: false as const } : {}),
    ...(training === undefined ? {} : { training: { mode: training.mode, force: training.force } }),
    result_uri: lake.uri(CONTAINERS.lake, lakePaths.result(batch.id, step, attempt)),
  };
}

/** The datasets that a contract refers to: those that it combines, and those in which values must exist. */
export function referencesOf({ combine = [], rules }: Contract): readonly string[] {
  const existing = rules.flatMap((rule) => (rule.exists_in === undefined ? [] : [rule.exists_in.dataset]));
  return [...new Set([...combine.map(({ dataset }) => dataset), ...existing])];
}

function reference(lake: Lake, datasets: Datasets, name: string, silverVersions: SilverVersions): Reference {
  const contract = datasets.get(name)?.contract;
  const columns = contract?.columns ?? [];
  return {
    silver: lake.uri(CONTAINERS.lake, lakePaths.silver(name)),
    columns: Object.fromEntries(columns.map((column) => [column.name, column.type])),
    version: silverVersions.get(name) ?? null,
    ...(contract !== undefined && keepsHistory(contract) ? { history: true as const } : {}),
  };
}
