/** What a training is to do: challenge the champion, or put the one before it back. */
export type TrainingMode = 'challenge' | 'rollback';

/** One training of one dataset's model, as its orchestration is told. The id is also that of its instance and of its run. */
export interface Training {
  readonly id: string;
  readonly dataset: string;
  readonly mode: TrainingMode;
  /** Train although nothing has changed. */
  readonly force: boolean;
}

/** AUC of challenger and champion on the same later rows, their difference and its 95 % interval. */
export interface Contest {
  readonly auc: number;
  readonly championAuc: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** `kept`: the champion stays, whatever the reason. */
export type Verdict = 'promoted' | 'kept' | 'rolled-back';

/** What the run log keeps of a training. */
export interface TrainingRecord {
  readonly model: string;
  readonly mode: TrainingMode;
  readonly force: boolean;
  readonly verdict?: Verdict;
  readonly reason?: string;
  /** The version that was trained, or that was put back. */
  readonly version?: string;
  /** The version that was in use before. */
  readonly champion?: string;
  readonly contest?: Contest;
  readonly warnings?: readonly string[];
}

/** The one training of a dataset for a date (YYYY-MM-DD). */
export function nightlyTraining(dataset: string, date: string): Training {
  return { id: `retrain-${dataset}-${date}`, dataset, mode: 'challenge', force: false };
}

/** A training that somebody asked for, named by the moment. */
export function askedTraining(dataset: string, mode: TrainingMode, force: boolean, at: Date): Training {
  const moment = at
    .toISOString()
    .toLowerCase()
    .replaceAll(/[-:.z]/g, '');
  return { id: `${mode === 'rollback' ? 'rollback' : 'retrain'}-${dataset}-${moment}`, dataset, mode, force };
}

/** The dataset in a training's id; undefined when it is no such id. */
export function datasetOfTraining(id: string): string | undefined {
  return /^(?:retrain|rollback)-(?<dataset>[a-z][a-z0-9-]*)-(?:\d{4}-\d{2}-\d{2}|\d{8}t\d{9})$/.exec(id)?.groups
    ?.dataset;
}
