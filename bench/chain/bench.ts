import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRun } from '../../scripts/api-client.ts';
import type { BenchResult } from '../../scripts/bench.ts';
import { followFiles } from '../../scripts/demo/follow-files.ts';
import { landFile, landFolder } from '../../scripts/demo/land-files.ts';
import { stepSeconds } from '../../scripts/demo/report.ts';
import { pythonProgram } from '../../scripts/stack/endpoints.ts';
import { listOf, median, round, tell } from '../support/figures.ts';
import { residentMegabytes } from '../support/resident-memory.ts';
import { FLIGHTS, landReference, REFERENCE, SILENT, secondsSince, withStack } from '../support/with-stack.ts';

const REPEATS = 3;
/** By then the spare workers of Databricks are up, which is what an idle stack holds. */
const IDLE_MILLISECONDS = 3_000;

interface Sample {
  readonly upSeconds: number;
  readonly idleMegabytes: number;
  readonly twelveSeconds: number;
  readonly oneSeconds: number;
  readonly cleansingRuns: number;
  readonly bareSeconds: number;
  readonly steps: Readonly<Record<string, number>>;
  readonly oneSteps: Readonly<Record<string, number>>;
}

/**
 * The whole chain beside a bare script that does the same data work, interleaved on the same machine: twelve months
 * landed at once on a stack that is up and has its reference data; and, on another, December alone after eleven months.
 */
export default async function benchChain(): Promise<BenchResult> {
  const samples: Sample[] = [];
  for (let repeat = 1; repeat <= REPEATS; repeat++) {
    const bareSeconds = timeBare();
    const sample = { ...(await timeTwelve()), ...(await timeOne()), bareSeconds };
    samples.push(sample);
    const parts = [
      `twelve files ${sample.twelveSeconds.toFixed(2)} s`,
      `one file ${sample.oneSeconds.toFixed(2)} s`,
      `bare ${bareSeconds.toFixed(2)} s`,
    ];
    console.log(
      `repeat ${repeat}: ${parts.join(', ')}, ${sample.cleansingRuns} cleansing runs, up in ${sample.upSeconds.toFixed(2)} s, idle ${sample.idleMegabytes.toFixed(0)} MB`,
    );
    console.log(`  steps of the twelve files: ${listOf(sample.steps)}`);
    console.log(`  steps of the one file:     ${listOf(sample.oneSteps)}`);
  }
  const middle = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  const figures = {
    twelve_files_seconds: round(middle((sample) => sample.twelveSeconds)),
    one_file_seconds: round(middle((sample) => sample.oneSeconds)),
    cleansing_runs: Math.max(...samples.map((sample) => sample.cleansingRuns)),
    bare_seconds: round(middle((sample) => sample.bareSeconds)),
    up_seconds: round(middle((sample) => sample.upSeconds)),
    idle_mb: Math.round(middle((sample) => sample.idleMegabytes)),
  };
  tell(`median of ${REPEATS} repeats`, figures);
  return {
    bench: 'chain',
    ratios: { chain_vs_bare: round(figures.twelve_files_seconds / figures.bare_seconds) },
    figures,
  };
}

function timeBare(): number {
  const output = mkdtempSync(join(tmpdir(), 'landfall-bare-'));
  try {
    const began = performance.now();
    execFileSync(pythonProgram('python'), [join(import.meta.dirname, 'bare.py'), FLIGHTS, REFERENCE, output], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return (performance.now() - began) / 1000;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** Twelve months at once on a stack that is up, has its reference data and has never seen a flight: it trains on its way. */
async function timeTwelve(): Promise<
  Pick<Sample, 'upSeconds' | 'idleMegabytes' | 'twelveSeconds' | 'cleansingRuns' | 'steps'>
> {
  return withStack(async ({ stack, api, blobs, upSeconds }) => {
    await sleep(IDLE_MILLISECONDS);
    const idleMegabytes = residentMegabytes(Object.values(stack.pids()));
    await landReference({ api, blobs });
    const landing = performance.now();
    await followFiles(api, ['flights'], await landFolder(blobs, FLIGHTS, 'flights'), SILENT);
    const twelveSeconds = secondsSince(landing);
    const runs = await api.all<ApiRun>('/runs?dataset=flights');
    const cleansingRuns = runs.filter((run) => run.steps.cleanse !== undefined).length;
    return { upSeconds, idleMegabytes, twelveSeconds, cleansingRuns, steps: stepSeconds(runs) };
  });
}

/** December alone, on a stack that has the eleven months before it. */
async function timeOne(): Promise<Pick<Sample, 'oneSeconds' | 'oneSteps'>> {
  return withStack(async ({ api, blobs }) => {
    await landReference({ api, blobs });
    const months = readdirSync(FLIGHTS)
      .filter((name) => name.endsWith('.csv'))
      .sort();
    const last = months.pop() ?? '';
    const landed = await Promise.all(
      months.map(
        async (name) => [`flights/${name}`, await landFile(blobs, join(FLIGHTS, name), `flights/${name}`)] as const,
      ),
    );
    await followFiles(api, ['flights'], new Map(landed), SILENT);
    const landing = performance.now();
    const etag = await landFile(blobs, join(FLIGHTS, last), `flights/${last}`);
    const [file] = await followFiles(api, ['flights'], new Map([[`flights/${last}`, etag]]), SILENT);
    const oneSeconds = secondsSince(landing);
    const runs = await api.all<ApiRun>('/runs?dataset=flights');
    return { oneSeconds, oneSteps: stepSeconds(runs.filter((run) => run.id === file?.batch)) };
  });
}
