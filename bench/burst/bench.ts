import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiFile, ApiRun } from '../../scripts/api-client.ts';
import type { BenchResult } from '../../scripts/bench.ts';
import { addRows, balances } from '../../src/shared/ledger/file-record.ts';
import { CONTAINERS } from '../../src/shared/names.ts';
import { mapSome } from '../../src/shared/some-at-once.ts';
import { listOf, median, round, tell } from '../support/figures.ts';
import { type Running, secondsSince, withStack } from '../support/with-stack.ts';
import { largestPayload } from './largest-payload.ts';
import { type SmallFile, smallFiles } from './small-files.ts';

const FILES = Number(process.env.BURST_FILES ?? 10_000);
const UPLOADS_AT_ONCE = 32;
const PATIENCE_SECONDS = 1800;
/** A step that takes less is noise. */
const SHORTEST_STEP_SECONDS = 0.2;

/**
 * The year of flights as ten thousand small files, landed as fast as the storage takes them, on a stack that has seen no
 * flight before: are all accounted for, in how many batches and Databricks runs, and does anything get slower on the way?
 */
export default async function benchBurst(): Promise<BenchResult> {
  return withStack(async (running) => {
    const files = smallFiles(FILES);
    const began = performance.now();
    const landing = await land(running, files);
    console.log(`${FILES} files landed in ${landing.seconds.toFixed(1)} s`);
    await untilAllEnded(running, FILES);
    const seconds = secondsSince(began);
    const runs = (await running.api.all<ApiRun>('/runs?dataset=flights')).toSorted((a, b) => a.number - b.number);
    const accounted = await account(running, files);
    const steps = slowdowns(runs.filter((run) => run.files > 1));
    const databricks = await databricksRuns(running);
    await running.stack.stop(); // the host keeps its state to itself
    const payload = largestPayload(running.stateFolder);
    console.log(`  files of the batches: ${runs.map((run) => run.files).join(', ')}`);
    for (const { name, first, last } of steps)
      console.log(`  ${name.padEnd(10)} ${first.toFixed(2)} s at the start, ${last.toFixed(2)} s at the end`);
    console.log(`  largest payload: ${payload.what}, ${payload.bytes} bytes`);
    const slowest = (some: readonly Slowdown[]): number => Math.max(0, ...some.map(({ first, last }) => last / first));
    const figures = {
      files: FILES,
      files_accounted: accounted.files,
      rows_accounted: accounted.rows,
      runs: runs.length,
      databricks_runs: databricks,
      files_per_second: round(FILES / seconds),
      landing_seconds: round(landing.seconds),
      largest_payload_bytes: payload.bytes,
      slowdown: round(Math.max(landing.slowdown, slowest(steps.filter(({ name }) => !isRefresh(name))))),
      // Beside the batches, and of the whole model each time: it grows with the rows that are there.
      model_refresh_slowdown: round(slowest(steps.filter(({ name }) => isRefresh(name)))),
      total_seconds: round(seconds),
    };
    tell('one burst', figures);
    return { bench: 'burst', ratios: {}, figures };
  });
}

/** Uploads all files; tells how much longer the last tenth took than the first. */
async function land(
  { blobs }: Running,
  files: readonly SmallFile[],
): Promise<{ readonly seconds: number; readonly slowdown: number }> {
  const container = blobs.getContainerClient(CONTAINERS.landing);
  const began = performance.now();
  const ended = await mapSome(files, UPLOADS_AT_ONCE, async ({ path, content }) => {
    await container.getBlockBlobClient(path).upload(content, content.length);
    return secondsSince(began);
  });
  const seconds = Math.max(...ended);
  const tenth = Math.floor(files.length / 10);
  return { seconds, slowdown: (seconds - (ended.at(-tenth) ?? 0)) / (ended[tenth] ?? seconds) };
}

/** Waits until batches have taken that many files and all have ended. */
async function untilAllEnded({ api }: Running, count: number): Promise<void> {
  const until = performance.now() + PATIENCE_SECONDS * 1000;
  while (performance.now() < until) {
    const runs = await api.all<ApiRun>('/runs?dataset=flights');
    const taken = runs.filter(({ status }) => status !== 'running').reduce((sum, { files }) => sum + files, 0);
    if (taken >= count) return;
    await sleep(1000);
  }
  throw new Error(`Not all files had ended after ${PATIENCE_SECONDS} s. See GET /api/runs and the logs.`);
}

/** Files that were published with all of their rows in the books, and those rows. */
async function account({ api }: Running, files: readonly SmallFile[]) {
  const rows = new Map(files.map((file) => [file.path, file.rows]));
  const entries = await api.all<ApiFile>('/files?dataset=flights');
  const good = entries.filter(
    (entry) =>
      entry.status === 'published' &&
      entry.rows !== undefined &&
      balances(entry.rows) &&
      entry.rows.read === rows.get(entry.path),
  );
  const odd = entries.filter((entry) => !good.includes(entry)).slice(0, 3);
  if (odd.length > 0) console.log(`  not accounted for: ${JSON.stringify(odd)}`);
  return { files: good.length, rows: addRows(good.map((entry) => entry.rows ?? { ...NOTHING })).read };
}

const NOTHING = { read: 0, loaded: 0, quarantined: 0, duplicates: 0, superseded: 0 };

interface Slowdown {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

/** Seconds of each step of full batches, in the first and in the last third of the batches. */
function slowdowns(runs: readonly ApiRun[]): readonly Slowdown[] {
  const full = runs.filter(({ files }) => files >= Math.max(...runs.map((run) => run.files)) / 2);
  const third = Math.max(1, Math.floor(full.length / 3));
  const seconds = (some: readonly ApiRun[], name: string): number =>
    median(some.map((run) => run.steps[name]?.seconds ?? Number.NaN).filter((value) => !Number.isNaN(value)));
  const names = [...new Set(full.flatMap((run) => Object.keys(run.steps)))].filter((name) => name !== 'train');
  console.log(`  steps of the first full batch: ${listOf(stepsOf(full[0]))}`);
  return names
    .map((name) => ({ name, first: seconds(full.slice(0, third), name), last: seconds(full.slice(-third), name) }))
    .filter(({ last }) => last >= SHORTEST_STEP_SECONDS);
}

function isRefresh(step: string): boolean {
  return step.startsWith('refresh-');
}

function stepsOf(run: ApiRun | undefined): Record<string, number> {
  return Object.fromEntries(Object.entries(run?.steps ?? {}).map(([name, step]) => [name, step.seconds ?? 0]));
}

/** How many runs Databricks was ever asked for. */
async function databricksRuns({ stack }: Running): Promise<number> {
  let count = 0;
  for (let token = ''; ; ) {
    const response = await fetch(`${stack.settings.DATABRICKS_HOST}/api/2.2/jobs/runs/list?limit=24${token}`, {
      headers: { authorization: `Bearer ${stack.settings.DATABRICKS_TOKEN}` },
    });
    const page = (await response.json()) as { runs?: readonly unknown[]; next_page_token?: string };
    count += page.runs?.length ?? 0;
    if (page.next_page_token === undefined || page.next_page_token === '') return count;
    token = `&page_token=${page.next_page_token}`;
  }
}
