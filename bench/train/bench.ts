import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRun } from '../../scripts/api-client.ts';
import type { BenchResult } from '../../scripts/bench.ts';
import { followFiles } from '../../scripts/demo/follow-files.ts';
import { landFolder } from '../../scripts/demo/land-files.ts';
import { pythonProgram } from '../../scripts/stack/endpoints.ts';
import { lakePaths } from '../../src/shared/lake/paths.ts';
import { CONTAINERS } from '../../src/shared/names.ts';
import { listOf, median, round, tell } from '../support/figures.ts';
import { FLIGHTS, landReference, type Running, SILENT, secondsSince, withStack } from '../support/with-stack.ts';

const REPEATS = 3;

interface Bare {
  readonly rows: number;
  readonly read: number;
  readonly fit: number;
  readonly auc: number;
}

interface Sample {
  /** The Databricks run, from its start to its end. */
  readonly trainSeconds: number;
  /** From the request to the verdict, with what the app does around it. */
  readonly verdictSeconds: number;
  readonly auc: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly bare: Bare;
}

/**
 * A night's challenge on a year of flights beside bare LightGBM with the same parameters on the same tables, in turn and
 * on the same stack. The bare script's imports are not counted, since the job's worker has its own loaded.
 */
export default async function benchTrain(): Promise<BenchResult> {
  const samples: Sample[] = [];
  for (let repeat = 1; repeat <= REPEATS; repeat++) {
    const sample = await withStack(measure);
    samples.push(sample);
    const { bare } = sample;
    console.log(
      `repeat ${repeat}: train ${sample.trainSeconds.toFixed(2)} s, bare read ${bare.read.toFixed(2)} s + fit ${bare.fit.toFixed(2)} s on ${bare.rows} rows, AUC ${sample.auc.toFixed(4)} (bare ${bare.auc.toFixed(4)})`,
    );
    console.log(`  phases of the job: ${listOf(sample.phases)}`);
  }
  const middle = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  const figures = {
    holdout_auc: round(Math.min(...samples.map(({ auc }) => auc))),
    train_seconds: round(middle(({ trainSeconds }) => trainSeconds)),
    verdict_seconds: round(middle(({ verdictSeconds }) => verdictSeconds)),
    bare_seconds: round(middle(({ bare }) => bare.read + bare.fit)),
  };
  tell(`median of ${REPEATS} repeats`, figures);
  const ratio = middle(({ trainSeconds, bare }) => trainSeconds / (bare.read + bare.fit));
  return { bench: 'train', ratios: { train_vs_bare: round(ratio) }, figures };
}

async function measure(running: Running): Promise<Sample> {
  const { api, blobs, stack } = running;
  await landReference(running);
  await followFiles(api, ['flights'], await landFolder(blobs, FLIGHTS, 'flights'), SILENT);
  await sleep(1_000); // the last batch announces itself
  const bare = runBare(running);
  const asked = performance.now();
  const response = await fetch(`${stack.api.url}/models/flights/retrain`, {
    method: 'POST',
    headers: { 'x-functions-key': stack.api.key },
  });
  const { id } = (await response.json()) as { id: string };
  const run = await verdictOf(running, id);
  const verdictSeconds = secondsSince(asked);
  const auc = run.training?.contest?.auc;
  const trainSeconds = run.steps.train?.seconds;
  if (auc === undefined || trainSeconds === undefined)
    throw new Error(`The challenge came to no contest: ${JSON.stringify(run)}`);
  const blob = blobs.getContainerClient(CONTAINERS.lake).getBlobClient(lakePaths.result(id, 'train', 1));
  const { seconds: phases } = JSON.parse((await blob.downloadToBuffer()).toString('utf8')) as {
    seconds: Readonly<Record<string, number>>;
  };
  return { trainSeconds, verdictSeconds, auc, phases, bare };
}

async function verdictOf({ api }: Running, id: string): Promise<ApiRun> {
  while (true) {
    const run = await api.get<ApiRun>(`/runs/${id}`).catch(() => undefined); // a moment before it is in the log
    if (run !== undefined && run.status !== 'running') return run;
    await sleep(50);
  }
}

function runBare({ stack: { ports, settings } }: Running): Bare {
  const output = execFileSync(pythonProgram('python'), [join(import.meta.dirname, 'bare.py')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      // As the stack has it: threads that spin while they wait would make it several times slower beside busy neighbours.
      OMP_WAIT_POLICY: 'PASSIVE',
      AZURE_STORAGE_ACCOUNT_NAME: settings.STORAGE_ACCOUNT_NAME,
      AZURE_STORAGE_ACCOUNT_KEY: settings.STORAGE_ACCOUNT_KEY,
      AZURITE_BLOB_STORAGE_URL: `http://127.0.0.1:${ports.azurite}`,
    },
  });
  return JSON.parse(output) as Bare;
}
