import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchResult } from '../../scripts/bench.ts';
import { startProcess } from '../../scripts/stack/managed-process.ts';
import { median, round, tell } from '../support/figures.ts';
import { installPeers } from '../support/install-peers.ts';
import { nodeSpec, urlOf } from '../support/node-server.ts';
import { residentMegabytes } from '../support/resident-memory.ts';
import { startDbos } from './engines/dbos.ts';
import type { Engine } from './engines/engine.ts';
import { type FunctionsHost, openInstances, startFunctionsHost } from './engines/functions-host.ts';
import { startRestate } from './engines/restate.ts';
import { timeTransactions } from './floor.ts';
import { requestsPerSecond } from './http-load.ts';

const REPEATS = 5;
const STEPS = 10;
/** Sequences one after the other for one latency, and at once for the throughput. */
const IN_TURN = 50;
const AT_ONCE = 1000;
/** What ten activities in sequence need on this host: the start, a turn after each activity but the last with its end. */
const TRANSACTIONS = STEPS + 1;
const OPEN_INSTANCES = 10_000;

/** Milliseconds of one sequence, and activities per second of many, by engine. */
interface Sample {
  readonly milliseconds: Readonly<Record<string, number>>;
  readonly activitiesPerSecond: Readonly<Record<string, number>>;
  readonly floorMilliseconds: number;
}

/**
 * The Functions host beside engines that people know, each with its defaults, which sync a step to the disk before it counts;
 * and beside the bare floor. All are asked by HTTP from this process, in turns on the same machine.
 */
export default async function benchDurable(): Promise<BenchResult> {
  const peers = installPeers(import.meta.dirname);
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-'));
  try {
    const engines = await compareEngines(peers, folder);
    const alone = await measureAlone(peers, folder);
    const { ratios, ...host } = alone;
    const figures = { ...engines.figures, ...host.figures };
    tell(`medians of ${REPEATS}`, figures);
    return { bench: 'durable', ratios: { ...engines.ratios, ...ratios }, figures };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Figures = Readonly<Record<string, number>>;
interface Found {
  readonly ratios: Figures;
  readonly figures: Figures;
}

async function compareEngines(peers: string, folder: string): Promise<Found> {
  const engines: Engine[] = [];
  try {
    engines.push(await startFunctionsHost(join(folder, 'sequences')));
    engines.push(await startRestate(peers, folder));
    engines.push(await startDbos(peers, folder));
    for (const engine of engines) await inTurn(engine, 2 * IN_TURN); // compiles what is hot
    const samples: Sample[] = [];
    for (let repeat = 1; repeat <= REPEATS; repeat++) samples.push(await sample(engines, folder, repeat));
    return compared(samples);
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()));
  }
}

async function sample(engines: readonly Engine[], folder: string, repeat: number): Promise<Sample> {
  const milliseconds: Record<string, number> = {};
  const activitiesPerSecond: Record<string, number> = {};
  for (const engine of engines) milliseconds[engine.name] = await inTurn(engine, IN_TURN);
  const floorMilliseconds = timeTransactions(folder, IN_TURN * TRANSACTIONS) / IN_TURN;
  for (const engine of engines) activitiesPerSecond[engine.name] = await atOnce(engine);
  const shown = engines.map(
    ({ name }) => `${name} ${milliseconds[name]?.toFixed(2)} ms, ${activitiesPerSecond[name]?.toFixed(0)}/s`,
  );
  console.log(`repeat ${repeat}: ${shown.join('; ')}; floor ${floorMilliseconds.toFixed(2)} ms`);
  return { milliseconds, activitiesPerSecond, floorMilliseconds };
}

/** The median latency of a sequence, in milliseconds. */
async function inTurn(engine: Engine, count: number): Promise<number> {
  const latencies: number[] = [];
  for (let index = 0; index < count; index++) {
    const starting = performance.now();
    await engine.sequence(STEPS);
    latencies.push(performance.now() - starting);
  }
  return median(latencies);
}

/** Activities per second of many sequences at once. */
async function atOnce(engine: Engine): Promise<number> {
  const starting = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, () => engine.sequence(STEPS)));
  return (AT_ONCE * STEPS * 1000) / (performance.now() - starting);
}

function compared(samples: readonly Sample[]): Found {
  const middle = (pick: (sample: Sample) => number | undefined): number =>
    round(median(samples.map((one) => pick(one) ?? Number.NaN)));
  const latency = (name: string) => (one: Sample) => one.milliseconds[name] ?? Number.NaN;
  const throughput = (name: string) => (one: Sample) => one.activitiesPerSecond[name] ?? Number.NaN;
  const [ours, restate, dbos] = ['functions-host', 'restate', 'dbos'];
  return {
    ratios: {
      sequence_vs_restate: middle((one) => latency(ours)(one) / latency(restate)(one)),
      sequence_vs_dbos: middle((one) => latency(ours)(one) / latency(dbos)(one)),
      sequence_vs_floor: middle((one) => latency(ours)(one) / one.floorMilliseconds),
      throughput_vs_restate: middle((one) => throughput(ours)(one) / throughput(restate)(one)),
      throughput_vs_dbos: middle((one) => throughput(ours)(one) / throughput(dbos)(one)),
    },
    figures: {
      sequence_ms: middle(latency(ours)),
      restate_sequence_ms: middle(latency(restate)),
      dbos_sequence_ms: middle(latency(dbos)),
      floor_sequence_ms: middle((one) => one.floorMilliseconds),
      activities_per_second: Math.round(middle(throughput(ours))),
      restate_activities_per_second: Math.round(middle(throughput(restate))),
      dbos_activities_per_second: Math.round(middle(throughput(dbos))),
    },
  };
}

/** What is measured of the host itself, and of its HTTP trigger beside bare node:http. */
async function measureAlone(peers: string, folder: string): Promise<Found> {
  const host = await startFunctionsHost(join(folder, 'alone'));
  try {
    await sleep(1000);
    const idle = residentMegabytes([host.pid]);
    const http = await compareHttp(peers, folder, host);
    const startNew = await requestsPerSecond(peers, {
      url: `${host.url}/api/start?name=sequence`,
      method: 'POST',
      connections: 20,
      seconds: 4,
    });
    const history = await medianSeconds(3, () => host.run('sequence', 1000));
    const fanOutSmall = await medianSeconds(3, () => host.run('fan-out', 1000));
    const fanOut = await medianSeconds(3, () => host.run('fan-out', 10_000));
    return {
      ratios: { http_vs_node: round(http.ratio) },
      figures: {
        http_requests_per_second: Math.round(http.ours),
        node_http_requests_per_second: Math.round(http.bare),
        start_new_per_second: Math.round(startNew),
        history_1000_seconds: round(history),
        fan_out_10000_seconds: round(fanOut),
        fan_out_exponent: round(Math.log10(fanOut / fanOutSmall)),
        ...(await measureRecovery(join(folder, 'recovery'))),
        up_seconds: round(host.upSeconds),
        idle_mb: Math.round(idle),
      },
    };
  } finally {
    await host.stop();
  }
}

async function compareHttp(peers: string, folder: string, host: FunctionsHost) {
  const spec = nodeSpec('node:http', join(peers, 'node-http.mjs'), [], join(folder, 'node-http.log'));
  const bare = await startProcess(spec);
  try {
    const load = (url: string): Promise<number> => requestsPerSecond(peers, { url, connections: 50, seconds: 3 });
    const [ours, node] = [`${host.url}/api/hello`, urlOf(bare)];
    for (const url of [ours, node]) await load(url); // compiles what is hot
    const rounds: { ours: number; bare: number }[] = [];
    for (let repeat = 1; repeat <= REPEATS; repeat++) rounds.push({ ours: await load(ours), bare: await load(node) });
    return {
      ours: median(rounds.map((one) => one.ours)),
      bare: median(rounds.map((one) => one.bare)),
      ratio: median(rounds.map((one) => one.ours / one.bare)),
    };
  } finally {
    await bare.stop();
  }
}

/** Open instances, a crash, and how long the next host takes until it answers. */
async function measureRecovery(dataFolder: string): Promise<Figures> {
  const first = await startFunctionsHost(dataFolder);
  await openInstances(first, OPEN_INSTANCES);
  await first.kill();
  const second = await startFunctionsHost(dataFolder);
  const recover = second.upSeconds;
  await second.stop();
  return { recover_10000_seconds: round(recover) };
}

async function medianSeconds(count: number, run: () => Promise<void>): Promise<number> {
  const seconds: number[] = [];
  for (let index = 0; index < count; index++) {
    const starting = performance.now();
    await run();
    seconds.push((performance.now() - starting) / 1000);
  }
  return median(seconds);
}
