import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiRun, createApiClient } from '../../scripts/api-client.ts';
import type { BenchResult } from '../../scripts/bench.ts';
import { followFiles } from '../../scripts/demo/follow-files.ts';
import { landFile, landFolder } from '../../scripts/demo/land-files.ts';
import { stepSeconds } from '../../scripts/demo/report.ts';
import { blobService } from '../../scripts/provision/storage.ts';
import { freePorts, ROOT } from '../../scripts/stack/endpoints.ts';
import { startStack } from '../../scripts/stack/start-stack.ts';
import { residentMegabytes } from './resident-memory.ts';

const REPEATS = 3;
const FLIGHTS = join(ROOT, '.data', 'flights');
const REFERENCE = join(ROOT, '.data', 'reference');
const SILENT = { step: () => undefined, file: () => undefined };

interface Sample {
  readonly upSeconds: number;
  readonly idleMegabytes: number;
  readonly twelveSeconds: number;
  readonly oneSeconds: number;
  readonly cleansingRuns: number;
  readonly bareSeconds: number;
  readonly steps: Readonly<Record<string, number>>;
}

/**
 * The whole chain beside a bare script that does the same data work, interleaved on the same machine: twelve months
 * landed at once on a stack that is up and has its reference data, then January once more with one row changed.
 */
export default async function benchChain(): Promise<BenchResult> {
  const samples: Sample[] = [];
  for (let repeat = 1; repeat <= REPEATS; repeat++) {
    const bareSeconds = timeBare();
    const sample = { ...(await timeChain()), bareSeconds };
    samples.push(sample);
    const parts = [
      `twelve files ${sample.twelveSeconds.toFixed(2)} s`,
      `one file ${sample.oneSeconds.toFixed(2)} s`,
      `bare ${bareSeconds.toFixed(2)} s`,
    ];
    console.log(
      `repeat ${repeat}: ${parts.join(', ')}, ${sample.cleansingRuns} cleansing runs, up in ${sample.upSeconds.toFixed(2)} s, idle ${sample.idleMegabytes.toFixed(0)} MB`,
    );
    console.log(
      `  steps of the twelve files: ${Object.entries(sample.steps)
        .map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`)
        .join(', ')}`,
    );
  }
  const median = (pick: (sample: Sample) => number): number =>
    samples.map(pick).toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
  const figures = {
    twelve_files_seconds: round(median((sample) => sample.twelveSeconds)),
    one_file_seconds: round(median((sample) => sample.oneSeconds)),
    cleansing_runs: Math.max(...samples.map((sample) => sample.cleansingRuns)),
    bare_seconds: round(median((sample) => sample.bareSeconds)),
    up_seconds: round(median((sample) => sample.upSeconds)),
    idle_mb: Math.round(median((sample) => sample.idleMegabytes)),
  };
  console.log(`\n  ${'median of'.padEnd(24)} ${REPEATS} repeats`);
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(24)} ${value}`);
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
    execFileSync(
      join(ROOT, '.venv', 'bin', 'python'),
      [join(import.meta.dirname, 'bare.py'), FLIGHTS, REFERENCE, output],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    return (performance.now() - began) / 1000;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

async function timeChain(): Promise<Omit<Sample, 'bareSeconds'>> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'landfall-bench-'));
  const starting = performance.now();
  const stack = await startStack({ stateFolder, ports: await freePorts() });
  try {
    const upSeconds = (performance.now() - starting) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 3000)); // idle: the spare workers of Databricks are up by now
    const idleMegabytes = residentMegabytes(Object.values(stack.pids()));
    const api = createApiClient(stack.api);
    const blobs = blobService(stack.settings);
    const datasets = readdirSync(REFERENCE).map((name) => name.replace('.csv', ''));
    await followFiles(api, datasets, await landFolder(blobs, REFERENCE, 'reference'), SILENT);

    const [march = '', ...others] = readdirSync(FLIGHTS).sort();
    const landing = performance.now();
    const files = await landFolder(blobs, FLIGHTS, 'flights');
    await followFiles(api, ['flights'], files, SILENT);
    const twelveSeconds = (performance.now() - landing) / 1000;
    const runs = await api.all<ApiRun>('/runs?dataset=flights');

    const alone = performance.now();
    const etag = await landFile(blobs, join(FLIGHTS, others[0] ?? march), 'flights/again.csv');
    await followFiles(api, ['flights'], new Map([['flights/again.csv', etag]]), SILENT);
    const oneSeconds = (performance.now() - alone) / 1000;
    return {
      upSeconds,
      idleMegabytes,
      twelveSeconds,
      oneSeconds,
      cleansingRuns: runs.filter((run) => run.steps.cleanse !== undefined).length,
      steps: stepSeconds(runs),
    };
  } finally {
    await stack.stop();
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
