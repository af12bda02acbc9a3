import { createHash } from 'node:crypto';
import type { Dataset } from '../contracts/contract.ts';
import { dependsOn } from '../contracts/depends-on.ts';
import { RequestProblem } from '../http/problem.ts';
import type { Publication } from '../insights/publication.ts';
import type { RunRecord } from '../runs/run-record.ts';
import type { Services } from '../services.ts';
import type { BackfillRequest, ChosenFile } from './backfill.ts';
import { type Choice, chooseFiles } from './choose-files.ts';
import { encodeToken } from './token.ts';

/** What a backfill would do. Nothing is begun by asking. */
export interface Preview {
  /** Starts exactly this. */
  readonly token: string;
  readonly dataset: string;
  readonly contractVersion: string;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  readonly quarantined: number;
  /** Under which contracts the files were read. */
  readonly contracts: readonly { readonly version: string; readonly files: number; readonly rows: number }[];
  /** Batches, and the Databricks runs that they buy. */
  readonly runs: number;
  readonly databricksRuns: number;
  /** By what past batches took; null where there are none to go by. */
  readonly estimatedSeconds: number | null;
  readonly estimatedFrom: number;
  /** Insights that may change, those of datasets that combine this one too. */
  readonly insights: readonly { readonly dataset: string; readonly insight: string; readonly rows: number }[];
  readonly canary: { readonly path: string; readonly rows: number } | null;
  readonly maxQuarantinedGrowth: number;
  readonly leftOut: Choice['leftOut'];
}

/** A preview, and the files that it is about in the order in which they go: the canary in front. */
export interface PreviewedBackfill {
  readonly preview: Preview;
  readonly hash: string;
  readonly files: readonly ChosenFile[];
}

type App = Pick<Services, 'datasets' | 'files' | 'lake' | 'runs' | 'publications' | 'batchLimits'>;

/** How many past batches an estimate goes by. */
const PAST_RUNS = 50;

/** Works out what a backfill would do. @throws RequestProblem 404 when the canary is not among its files */
export async function previewBackfill(
  app: App,
  dataset: Dataset,
  request: BackfillRequest,
): Promise<PreviewedBackfill> {
  const { dataset: name } = dataset.contract;
  const [choice, past] = await Promise.all([
    chooseFiles(app, dataset, request.selection),
    app.runs.list({ datasets: [name], status: 'succeeded' }, PAST_RUNS),
  ]);
  const canary = chooseCanary(choice.files, request.canary);
  const files =
    canary === undefined ? choice.files : [canary, ...choice.files.filter(({ path }) => path !== canary.path)];
  const rows = sum(files, ({ read }) => read);
  const runs =
    canary === undefined ? countBatches(files, app.batchLimits) : 1 + countBatches(files.slice(1), app.batchLimits);
  const { seconds, from } = estimate(past.items, runs, rows);
  const hash = digest(dataset.version, request, files);
  return {
    files,
    hash,
    preview: {
      token: encodeToken({ request, hash }),
      dataset: name,
      contractVersion: dataset.version,
      files: files.length,
      rows,
      bytes: sum(files, ({ size }) => size),
      quarantined: sum(files, ({ quarantined }) => quarantined),
      contracts: byContract(files),
      runs,
      databricksRuns: runs * ((dataset.contract.insights ?? []).length > 0 ? 3 : 2),
      estimatedSeconds: files.length === 0 ? 0 : seconds,
      estimatedFrom: from,
      insights: await affected(app, name),
      canary: canary === undefined ? null : { path: canary.path, rows: canary.read },
      maxQuarantinedGrowth: request.maxQuarantinedGrowth,
      leftOut: choice.leftOut,
    },
  };
}

/** The named file, or the one in the middle by rows: neither a stub nor the one that takes longest. */
function chooseCanary(files: readonly ChosenFile[], wanted: boolean | string): ChosenFile | undefined {
  if (wanted === false || files.length === 0) return undefined;
  if (wanted === true) return files.toSorted((a, b) => a.read - b.read)[Math.floor(files.length / 2)];
  const named = files.find(({ path }) => path === wanted);
  if (named === undefined)
    throw new RequestProblem(404, `The canary '${wanted}' is not among the files that are meant.`);
  return named;
}

/** How many batches take files that wait, see gather-files. */
export function countBatches(files: readonly ChosenFile[], limits: App['batchLimits']): number {
  let batches = 0;
  let [count, bytes] = [limits.files, 0];
  for (const { size } of files) {
    if (count === limits.files || bytes + size > limits.bytes) {
      batches++;
      [count, bytes] = [0, 0];
    }
    count++;
    bytes += size;
  }
  return batches;
}

/** A batch takes some time, and some for each row: a line through past batches, by least squares. */
export function estimate(
  past: readonly RunRecord[],
  runs: number,
  rows: number,
): { readonly seconds: number | null; readonly from: number } {
  const points = past
    .filter(({ kind, refresh, endedAt }) => kind === undefined && refresh === undefined && endedAt !== undefined)
    .map((run) => ({
      x: run.rows?.read ?? 0,
      y: (Date.parse(run.endedAt ?? '') - Date.parse(run.startedAt)) / 1000,
    }));
  if (points.length === 0) return { seconds: null, from: 0 };
  const mean = (pick: (point: { x: number; y: number }) => number): number => sum(points, pick) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = sum(points, (point) => (point.x - x) ** 2);
  const slope = spread === 0 ? 0 : Math.max(0, sum(points, (point) => (point.x - x) * (point.y - y)) / spread);
  const base = Math.max(0, y - slope * x);
  return { seconds: Math.round((runs * base + rows * slope) * 10) / 10, from: points.length };
}

function byContract(files: readonly ChosenFile[]): Preview['contracts'] {
  return [...Map.groupBy(files, ({ contractVersion }) => contractVersion)].map(([version, some]) => ({
    ...{ version, files: some.length, rows: sum(some, ({ read }) => read) },
  }));
}

/** Insights of the dataset, and of those that are refreshed when it is published. */
async function affected({ datasets, publications }: App, name: string): Promise<Preview['insights']> {
  const own = datasets.all.filter(({ contract }) => contract.dataset === name || dependsOn(contract, name));
  const found = await Promise.all(
    own.map(async ({ contract }) => {
      const publication: Publication | undefined = await publications.get(contract.dataset);
      return (contract.insights ?? []).map((insight) => ({
        ...{ dataset: contract.dataset, insight: insight.name, rows: publication?.insights[insight.name] ?? 0 },
      }));
    }),
  );
  return found.flat();
}

/** What makes two previews the same: contract, wish and, in order, the entries whose place is taken. */
function digest(contractVersion: string, request: BackfillRequest, files: readonly ChosenFile[]): string {
  const hash = createHash('sha256').update(JSON.stringify([contractVersion, request]));
  for (const { path, entry } of files) hash.update(`\n${entry} ${path}`);
  return hash.digest('hex');
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}
