/** Names that other systems see: containers, jobs, entities. They stand here once. */
export const CONTAINERS = {
  landing: 'landing',
  lake: 'lake',
  quarantine: 'quarantine',
  deadLetters: 'dead-letters',
} as const;

export const COSMOS_CONTAINERS = {
  insights: { id: 'insights', partitionKey: '/pk' },
  files: { id: 'files', partitionKey: '/dataset' },
  runs: { id: 'runs', partitionKey: '/dataset' },
  publications: { id: 'publications', partitionKey: '/dataset' },
  pipelineRuns: { id: 'pipeline-runs', partitionKey: '/factory' },
} as const;

export const ENTITIES = { intake: 'intake', semanticModel: 'semantic-model' } as const;

export const ORCHESTRATORS = {
  admitFile: 'admit-file',
  lookAtSet: 'look-at-set',
  awaitSet: 'await-set',
  processBatch: 'process-batch',
  runDatabricksJob: 'run-databricks-job',
  stageWarehouse: 'stage-warehouse',
  serveInsights: 'serve-insights',
  retrainModel: 'retrain-model',
  runPipeline: 'run-pipeline',
  refreshSemanticModel: 'refresh-semantic-model',
  runBackfill: 'run-backfill',
} as const;

/** The Databricks jobs that the bundle deploys. */
export const JOB_STEPS = ['cleanse', 'train', 'score', 'rescore', 'insights'] as const;
export type JobStep = (typeof JOB_STEPS)[number];

/** Name of a step's job in the Databricks workspace. */
export function jobName(step: JobStep): string {
  return `landfall-${step}`;
}

/** The pipeline of data-factory/ that brings the reference tables, every night. */
export const NIGHTLY_PIPELINE = 'copy-reference-tables';

/** Dataset of files that no contract claims, as the ledger files them. */
export const NO_DATASET = '(none)';

/** The name of a batch: dataset and number, padded so that names sort in order. */
export function batchId(dataset: string, number: number): string {
  return `${dataset}-${String(number).padStart(8, '0')}`;
}

/** The number in a batch's name; undefined when it is no such name. */
export function batchNumber(id: string): number | undefined {
  const digits = /-(\d{8,})$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The dataset in a batch's name; undefined when it is no such name. */
export function datasetOfBatch(id: string): string | undefined {
  return /^(?<dataset>[a-z][a-z0-9-]*)-\d{8,}$/.exec(id)?.groups?.dataset;
}
