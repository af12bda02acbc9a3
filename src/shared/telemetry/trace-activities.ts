import type {
  Activities,
  ActivityInput,
  ActivityName,
  Ending,
  JobOutcome,
  JobRun,
  RefreshRecord,
} from '../../activities/activities.ts';
import { lakePaths } from '../lake/paths.ts';
import type { Batch } from '../ledger/batch.ts';
import { readFiles } from '../ledger/file-lists.ts';
import { CONTAINERS } from '../names.ts';
import type { Services } from '../services.ts';
import { arrivalPlace, batchPlace, jobPlace, parseTraceparent, type TracedBatch } from './span-place.ts';
import type { SpanRecord } from './telemetry.ts';

/** What a span may have by OpenTelemetry's own limit. */
const MOST_LINKS = 128;

type App = Pick<Services, 'telemetry' | 'runs' | 'databricks' | 'lake'>;

/**
 * The same activities, each a span of the trace of its batch. What takes longer than an activity (the batch, a Databricks
 * run, a refresh of the model) is emitted by the activity that sees its end, from recorded times: orchestrators are
 * replayed, and emit nothing. When no telemetry is configured, these are the very activities.
 */
export function traceActivities(activities: Activities, app: App): Activities {
  if (!app.telemetry.isOn) return activities;
  const traced = (name: ActivityName): [string, unknown] => {
    const activity = activities[name] as (input: unknown) => Promise<unknown>;
    return [name, (input: unknown) => tracing(app, name, input, activity)];
  };
  return Object.fromEntries((Object.keys(activities) as ActivityName[]).map(traced)) as unknown as Activities;
}

async function tracing(
  app: App,
  name: ActivityName,
  input: unknown,
  activity: (input: unknown) => Promise<unknown>,
): Promise<unknown> {
  const [batch] = batchesOf(input);
  // Which trace a batch belongs to is known once its files are gathered.
  if (batch === undefined || name === 'gather-files') return activity(input);
  const startedAt = new Date();
  const span = (rest: Partial<SpanRecord>): void =>
    app.telemetry.emit({
      name,
      kind: 'internal',
      parent: parentOf(name, input, batch),
      startedAt,
      endedAt: new Date(),
      ...rest,
      attributes: { 'landfall.batch': batch.id, ...rest.attributes },
    });
  try {
    const result = await activity(input);
    span({});
    await emitEnded(app, name, input, result).catch(() => undefined); // a trace is not worth a failure
    return result;
  } catch (error) {
    span({ failed: true, attributes: { 'landfall.error': error instanceof Error ? error.name : 'Error' } });
    throw error;
  }
}

/** The batches that an activity is about, found in its input: as such, as a member, or those that a refresh is for. */
function batchesOf(input: unknown): readonly TracedBatch[] {
  if (typeof input !== 'object' || input === null) return [];
  const { batch, request, publications, number } = input as {
    readonly batch?: TracedBatch;
    readonly request?: { readonly batch: TracedBatch };
    readonly publications?: RefreshRecord['publications'];
    readonly number?: unknown;
  };
  if (publications !== undefined) return publications.map(({ batch: id, ...rest }) => ({ ...rest, id }));
  const found = batch ?? request?.batch ?? (typeof number === 'number' ? (input as TracedBatch) : undefined);
  return found === undefined ? [] : [found];
}

/** Activities that start and follow a Databricks run stand below it. */
function parentOf(name: ActivityName, input: unknown, batch: TracedBatch) {
  if (name === 'start-job') {
    const { step, attempt } = input as ActivityInput<'start-job'>;
    return jobPlace(batch, step, attempt);
  }
  if (name === 'await-job') {
    const { step, attempt } = (input as JobRun).request;
    return jobPlace(batch, step, attempt);
  }
  return batchPlace(batch);
}

async function emitEnded(app: App, name: ActivityName, input: unknown, result: unknown): Promise<void> {
  if (name === 'end-batch') return emitBatch(app, input as Ending);
  if (name === 'record-refresh') return emitRefresh(app, input as RefreshRecord);
  if (name === 'await-job' && (result as JobOutcome).state !== 'active')
    return emitJob(app, input as JobRun, result as JobOutcome);
}

/** The batch: below the arrival of its first file, linked to those of the others. */
async function emitBatch({ telemetry, runs, lake }: App, { batch, status, rows }: Ending): Promise<void> {
  const run = await runs.get(batch.dataset, batch.id);
  const place = batchPlace(batch);
  const parent = parseTraceparent(batch.trace);
  const files = (await readFiles(lake, batch)).slice(0, MOST_LINKS);
  telemetry.emit({
    name: 'process-batch',
    kind: 'internal',
    at: place,
    ...(parent === undefined ? {} : { parent }),
    links: files.map(arrivalPlace).filter(({ spanId }) => spanId !== parent?.spanId),
    startedAt: new Date(run?.startedAt ?? Date.now()),
    endedAt: new Date(),
    failed: status === 'failed',
    attributes: {
      'landfall.dataset': batch.dataset,
      'landfall.batch': batch.id,
      'landfall.status': status,
      'landfall.files': batch.files?.count ?? 0,
      'landfall.rows.read': rows.read,
      'landfall.rows.loaded': rows.loaded,
      'landfall.rows.quarantined': rows.quarantined,
    },
  });
}

/** A Databricks run with the times that Databricks has of it, and the phases that the job tells of. */
async function emitJob(
  { telemetry, databricks, lake }: App,
  { request, runId }: JobRun,
  outcome: JobOutcome,
): Promise<void> {
  const { batch, step, attempt } = request;
  const [{ startedAt, endedAt }, phases] = await Promise.all([
    databricks.getRun(runId),
    phasesOf(lake, batch, step, attempt),
  ]);
  if (startedAt === undefined || endedAt === undefined) return;
  telemetry.emit({
    name: `databricks ${step}`,
    kind: 'client',
    at: jobPlace(batch, step, attempt),
    parent: batchPlace(batch),
    startedAt: new Date(startedAt),
    endedAt: new Date(endedAt),
    failed: outcome.state !== 'succeeded',
    attributes: {
      'landfall.batch': batch.id,
      'landfall.step': step,
      'landfall.attempt': attempt,
      'landfall.status': outcome.state,
      'databricks.run_id': runId,
      ...phases,
    },
  });
}

async function phasesOf(
  lake: App['lake'],
  batch: Batch,
  step: JobRun['request']['step'],
  attempt: number,
): Promise<Readonly<Record<string, number>>> {
  const result = await lake.readJson(CONTAINERS.lake, lakePaths.result(batch.id, step, attempt)).catch(() => undefined);
  const { seconds } = (result ?? {}) as { readonly seconds?: Readonly<Record<string, unknown>> };
  const numbers = Object.entries(seconds ?? {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return Object.fromEntries(numbers.map(([phase, value]) => [`landfall.phase.${phase}`, value]));
}

/** A refresh of the model: below the first batch that it was for, linked to the others. */
async function emitRefresh({ telemetry }: App, record: RefreshRecord): Promise<void> {
  const [first, ...others] = batchesOf(record);
  if (first === undefined) return;
  const { service, ending } = record;
  telemetry.emit({
    name: `refresh ${service}`,
    kind: 'client',
    parent: batchPlace(first),
    links: others.map(batchPlace),
    startedAt: new Date(ending.startedAt),
    endedAt: new Date(ending.endedAt),
    failed: ending.error !== undefined,
    attributes: { 'landfall.batch': first.id, 'landfall.service': service },
  });
}
