import type { JobStep } from '../names.ts';

/** Where things lie in the lake container. */
export const lakePaths = {
  silver: (dataset: string): string => `silver/${dataset}`,
  context: (batch: string, step: JobStep, attempt: number): string => `runs/${batch}/${step}-${attempt}/context.json`,
  /** Files of a batch: those that it took, those that were accepted, those that are left after cleansing. */
  files: (batch: string, stage: 'arrived' | 'accepted' | 'cleansed', resumes = 0): string =>
    `runs/${batch}/files-${stage}${resumes === 0 ? '' : `-${resumes}`}.json`,
  /** What went together as a set: written once, when it was complete or its time had come. */
  set: (dataset: string, key: string): string => `sets/${dataset}/${key}.json`,
  /** What a backfill is about, and which entries each of its parts made. */
  backfill: (id: string, part: string): string => `backfills/${id}/${part}.json`,
  result: (batch: string, step: JobStep, attempt: number): string => `runs/${batch}/${step}-${attempt}/result.json`,
  /** Which version of a model is in use: the jobs move it. */
  champion: (dataset: string, model: string): string => `models/${dataset}/${model}/champion.json`,
  modelCard: (dataset: string, model: string, version: string): string =>
    `models/${dataset}/${model}/${version}/card.json`,
  /** What the last challenge learnt from: the app writes it. */
  examined: (dataset: string, model: string): string => `models/${dataset}/${model}/examined.json`,
  scored: (dataset: string, batch: string): string => `staging/${dataset}/${batch}/scored`,
  published: (dataset: string, batch: string, insight: string): string =>
    `published/${dataset}/${batch}/${insight}.jsonl`,
} as const;

/** Where things lie in the quarantine container; the jobs write them. */
export const quarantinePaths = {
  /** The rows of one file that were refused, as JSON Lines with the reasons. */
  rows: (dataset: string, batch: string, file: string): string => `${dataset}/${batch}/${file}.jsonl`,
  /** The same rows in the file's own format. */
  original: (dataset: string, batch: string, file: string): string => `_originals/${dataset}/${batch}/${file}`,
} as const;
