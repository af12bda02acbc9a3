import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { BenchResult } from '../../scripts/bench.ts';
import { installPythonPackages } from '../../scripts/setup/python-packages.mjs';
import { pythonProgram } from '../../scripts/stack/endpoints.ts';
import { listOf, median, round, tell } from '../support/figures.ts';
import { residentMegabytes } from '../support/resident-memory.ts';
import { FLIGHTS } from '../support/with-stack.ts';

/** Files of a million rows each, and how often each size is measured. */
const SIZES = [
  { files: 1, repeats: 3 },
  { files: 10, repeats: 3 },
  { files: 30, repeats: 1 },
];
const LARGEST = Math.max(...SIZES.map(({ files }) => files));
const WATCH_MILLISECONDS = 1_000;

interface Run {
  readonly seconds: number;
  /** Of all processors together. */
  readonly cpu: number;
  readonly books: unknown;
  readonly phases?: Readonly<Record<string, number>>;
}

interface Contestant {
  readonly name: string;
  readonly python: string;
  readonly script: string;
}

type Sample = Run & { readonly name: string; readonly files: number; readonly peakMegabytes: number };

/**
 * One, ten and thirty million rows of flights through the cleanse job, beside the same work (parse, type, check, latest of
 * each key, Parquet, rejects, books) in bare Polars, DuckDB and Sail, in turn on a local disk. The job alone also keeps
 * bronze, the text as it landed. Imports and the start of sessions are not counted: a worker has its own loaded.
 */
export default async function benchCleanse(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-cleanse-'));
  try {
    const landing = join(folder, 'landing');
    await run(pythonProgram('python'), [
      join(import.meta.dirname, 'make_flights.py'),
      FLIGHTS,
      join(landing, 'flights'),
      `${LARGEST}`,
    ]);
    const contestants = listContestants();
    const samples: Sample[] = [];
    for (const { files, repeats } of SIZES) {
      for (let repeat = 1; repeat <= repeats; repeat++) {
        const turn: Sample[] = [];
        for (const contestant of contestants)
          turn.push(await measure(contestant, landing, files, join(folder, 'output')));
        compareBooks(turn);
        samples.push(...turn);
      }
    }
    return conclude(
      contestants.map(({ name }) => name),
      samples,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function listContestants(): readonly Contestant[] {
  const peers = join(import.meta.dirname, 'peers');
  const installed = join(import.meta.dirname, '.peers');
  mkdirSync(installed, { recursive: true });
  const ours = pythonProgram('python');
  const theirs = installPythonPackages(join(installed, 'venv'), join(peers, 'requirements.lock'));
  return [
    { name: 'job', python: ours, script: join(import.meta.dirname, 'job.py') },
    { name: 'polars', python: theirs, script: join(peers, 'with_polars.py') },
    { name: 'duckdb', python: ours, script: join(peers, 'with_duckdb.py') },
    { name: 'sail', python: ours, script: join(peers, 'with_sail.py') },
  ];
}

async function measure(
  { name, python, script }: Contestant,
  landing: string,
  files: number,
  output: string,
): Promise<Sample> {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const { text, peakMegabytes } = await run(python, [script, landing, `${files}`, output]);
  const sample = { name, files, peakMegabytes, ...(JSON.parse(text) as Run) };
  console.log(
    `${files} million rows, ${name.padEnd(6)} ${sample.seconds.toFixed(1)} s, ${sample.cpu.toFixed(1)} s of processors, ${Math.round(peakMegabytes)} MB${sample.phases ? `; ${listOf(sample.phases)}` : ''}`,
  );
  return sample;
}

/** Runs a program and gives what it printed, and the most memory that it and what it started held at once. */
async function run(command: string, args: readonly string[]): Promise<{ text: string; peakMegabytes: number }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  let peakMegabytes = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const watch = setInterval(() => {
    if (child.pid !== undefined) peakMegabytes = Math.max(peakMegabytes, residentMegabytes([child.pid]));
  }, WATCH_MILLISECONDS);
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  clearInterval(watch);
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return { text, peakMegabytes };
}

/** Who does less has an easy time: all must have come to the same books. */
function compareBooks(samples: readonly Sample[]): void {
  const [first, ...others] = samples;
  for (const other of others) {
    if (!isDeepStrictEqual(other.books, first?.books))
      throw new Error(
        `${other.name} and ${first?.name} differ: ${JSON.stringify(other.books)}, ${JSON.stringify(first?.books)}`,
      );
  }
}

function conclude(names: readonly string[], samples: readonly Sample[]): BenchResult {
  const of = (name: string, files: number, pick: (sample: Sample) => number): number =>
    median(samples.filter((sample) => sample.name === name && sample.files === files).map(pick));
  const seconds = (name: string, files: number): number => of(name, files, (sample) => sample.seconds);
  const figures: Record<string, number> = {
    growth_exponent: round(Math.log(seconds('job', LARGEST) / seconds('job', 1)) / Math.log(LARGEST)),
    peak_mb: Math.round(of('job', LARGEST, ({ peakMegabytes }) => peakMegabytes)),
  };
  for (const { files } of SIZES) {
    for (const name of names) {
      figures[`${name}_${files}m_seconds`] = round(seconds(name, files));
      figures[`${name}_${files}m_rows_per_second`] = Math.round((files * 1_000_000) / seconds(name, files));
      figures[`${name}_${files}m_cpu_seconds`] = round(of(name, files, ({ cpu }) => cpu));
      figures[`${name}_${files}m_peak_mb`] = Math.round(of(name, files, ({ peakMegabytes }) => peakMegabytes));
    }
  }
  tell('medians', figures);
  const fastest = Math.min(...names.filter((name) => name !== 'job').map((name) => seconds(name, 10)));
  return { bench: 'cleanse', ratios: { ten_million_vs_fastest: round(seconds('job', 10) / fastest) }, figures };
}
