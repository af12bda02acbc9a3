import type { RunRecord, StepRecord } from '../../api/types.ts';

/** A step on a run's time axis: where it begins and how long it is, in parts of the whole. */
export interface TimelineStep {
  readonly name: string;
  readonly step: StepRecord;
  readonly seconds: number;
  readonly offset: number;
  readonly length: number;
}

/** The steps of a run in the order in which they began. A step without an end is still at work, until `now`. */
export function timelineOf(run: RunRecord, now: number): readonly TimelineStep[] {
  const start = Math.min(
    Date.parse(run.startedAt),
    ...Object.values(run.steps).map((step) => Date.parse(step.startedAt)),
  );
  const endOf = (step: { readonly endedAt?: string }): number =>
    step.endedAt === undefined ? now : Date.parse(step.endedAt);
  const end = Math.max(start + 1, endOf(run), ...Object.values(run.steps).map(endOf));
  return Object.entries(run.steps)
    .map(([name, step]) => ({
      name,
      step,
      seconds: Math.max(0, step.seconds ?? (endOf(step) - Date.parse(step.startedAt)) / 1000),
      offset: (Date.parse(step.startedAt) - start) / (end - start),
      length: Math.max(0, endOf(step) - Date.parse(step.startedAt)) / (end - start),
    }))
    .sort((a, b) => a.offset - b.offset);
}
