import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { createApiClient } from '../../scripts/api-client.ts';
import type { BenchResult } from '../../scripts/bench.ts';
import { followFiles } from '../../scripts/demo/follow-files.ts';
import { landFile, landFolder } from '../../scripts/demo/land-files.ts';
import { blobService } from '../../scripts/provision/storage.ts';
import { freePorts, ROOT } from '../../scripts/stack/endpoints.ts';
import { startProcess } from '../../scripts/stack/managed-process.ts';
import { type Stack, startStack } from '../../scripts/stack/start-stack.ts';
import { cpuMilliseconds } from '../support/cpu-time.ts';
import { median, tell } from '../support/figures.ts';
import { installPeers } from '../support/install-peers.ts';
import { nodeSpec, urlOf } from '../support/node-server.ts';
import { bearerToken } from './bearer-token.ts';

const ROUNDS = 5;
const STEADY_ROUNDS = 3;
const ROUND_SECONDS = 4;
const CONNECTIONS = 100;
const STEADY = { rate: 200, connections: 10, seconds: 15 };
const SILENT = { step: () => undefined, file: () => undefined };

/** What an app asks for: pages with and without filters, of 2 to 40 KB. */
const PATHS = [
  ...['EWR', 'JFK', 'LGA'].flatMap((origin) => [
    `/api/insights/flights/route-risk?origin=${origin}`,
    `/api/insights/flights/airport-day?origin=${origin}`,
  ]),
  '/api/insights/flights/route-risk',
  '/api/insights/flights/carrier-punctuality?year=2013&month=1',
];

interface Load {
  readonly requestsPerSecond: number;
  readonly good: number;
  readonly bad: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** Of the process that answers, for each request. */
  readonly cpuMicroseconds: number;
}

/**
 * The route that serves insights, on the running stack and with a bearer token, beside Fastify which serves the same bytes from
 * memory and asks for nothing. They are measured in turns on the same machine; then latency at a steady rate, in turns too.
 */
export default async function benchApi(): Promise<BenchResult> {
  const peers = installPeers(import.meta.dirname);
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-'));
  const stack = await startStack({ stateFolder: folder, ports: await freePorts() });
  try {
    await landInsights(stack);
    const ours = {
      url: new URL(stack.api.url).origin,
      headers: { authorization: `Bearer ${await bearerToken(stack)}` },
      pid: stack.pids()['functions-host'] ?? 0,
    };
    const fastify = await startFastify(peers, folder, await readBodies(ours));
    try {
      return await measure(peers, folder, ours, fastify);
    } finally {
      await fastify.stop();
    }
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The process that answers. */
  readonly pid: number;
}

interface Round {
  readonly ours: Load;
  readonly fastify: Load;
}

async function measure(peers: string, folder: string, ours: Target, fastify: Target): Promise<BenchResult> {
  const load = async (target: Target, options: object): Promise<Load> => {
    const before = cpuMilliseconds(target.pid);
    const result = await runLoad(peers, folder, { url: target.url, headers: target.headers, ...options });
    const after = cpuMilliseconds(target.pid);
    const used = before === undefined || after === undefined ? Number.NaN : ((after - before) * 1000) / result.good;
    return { ...result, cpuMicroseconds: used };
  };
  const full = { connections: CONNECTIONS, seconds: ROUND_SECONDS };
  for (const target of [ours, fastify]) await load(target, full); // compiles what is hot
  const rounds: Round[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const now = { ours: await load(ours, full), fastify: await load(fastify, full) };
    rounds.push(now);
    console.log(
      `round ${round}: ours ${shown(now.ours)}; Fastify ${shown(now.fastify)}; load ${loadavg()[0]?.toFixed(1)}`,
    );
  }
  const steady: Round[] = [];
  for (let round = 1; round <= STEADY_ROUNDS; round++) {
    const now = { ours: await load(ours, STEADY), fastify: await load(fastify, STEADY) };
    steady.push(now);
    console.log(`steady ${round}: p99 ours ${now.ours.p99Milliseconds} ms; Fastify ${now.fastify.p99Milliseconds} ms`);
  }
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const atSteadyRate = (pick: (round: Round) => number): number => median(steady.map(pick));
  const figures = {
    requests_per_second: Math.round(of((round) => round.ours.requestsPerSecond)),
    fastify_requests_per_second: Math.round(of((round) => round.fastify.requestsPerSecond)),
    cpu_us_per_request: Math.round(of((round) => round.ours.cpuMicroseconds)),
    fastify_cpu_us_per_request: Math.round(of((round) => round.fastify.cpuMicroseconds)),
    p50_ms: atSteadyRate((round) => round.ours.p50Milliseconds),
    p99_ms: atSteadyRate((round) => round.ours.p99Milliseconds),
    fastify_p99_ms: atSteadyRate((round) => round.fastify.p99Milliseconds),
    steady_requests_per_second: Math.round(atSteadyRate((round) => round.ours.requestsPerSecond)),
  };
  tell(`medians of ${ROUNDS} rounds; latencies of ${STEADY_ROUNDS} at ${STEADY.rate} requests/s`, figures);
  const ratio = of((round) => round.ours.requestsPerSecond / round.fastify.requestsPerSecond);
  return { bench: 'api', ratios: { requests_vs_fastify: Math.round(ratio * 1000) / 1000 }, figures };
}

function shown({ requestsPerSecond, p99Milliseconds, cpuMicroseconds }: Load): string {
  return `${requestsPerSecond.toFixed(0)}/s, p99 ${p99Milliseconds} ms, ${cpuMicroseconds.toFixed(0)} µs of CPU a request`;
}

/** Reference data and a month of flights: pages are of the same sizes as with a year. */
async function landInsights(stack: Stack): Promise<void> {
  const [client, blobs] = [createApiClient(stack.api), blobService(stack.settings)];
  const references = await landFolder(blobs, join(ROOT, '.data', 'reference'), 'reference');
  await followFiles(
    client,
    [...references.keys()].map((path) => basename(path, '.csv')),
    references,
    SILENT,
  );
  const flights = join(ROOT, '.data', 'flights');
  const [month = ''] = readdirSync(flights)
    .filter((name) => name.endsWith('.csv'))
    .sort();
  const etag = await landFile(blobs, join(flights, month), `flights/${month}`);
  const [file] = await followFiles(client, ['flights'], new Map([[`flights/${month}`, etag]]), SILENT);
  if (file?.status !== 'published') throw new Error(`flights/${month} is ${file?.status}: ${file?.reason}`);
}

interface Body {
  readonly body: string;
  readonly etag: string;
}

async function readBodies({ url, headers }: Target): Promise<Readonly<Record<string, Body>>> {
  const bodies = PATHS.map(async (path) => {
    const response = await fetch(`${url}${path}`, { headers });
    const body = await response.text();
    if (!response.ok || body.length < 1000) throw new Error(`GET ${path} answered ${response.status}: ${body}`);
    return [path, { body, etag: response.headers.get('etag') ?? '' }] as const;
  });
  return Object.fromEntries(await Promise.all(bodies));
}

async function startFastify(
  peers: string,
  folder: string,
  bodies: Readonly<Record<string, Body>>,
): Promise<Target & { stop(): Promise<void> }> {
  const file = join(folder, 'bodies.json');
  writeFileSync(file, JSON.stringify(bodies));
  const server = await startProcess(nodeSpec('Fastify', join(peers, 'serve.mjs'), [file], join(folder, 'fastify.log')));
  return { url: urlOf(server), headers: {}, pid: server.pid, stop: server.stop };
}

/** Runs the load generator in a process of its own. @throws Error when an answer was not 2xx */
async function runLoad(peers: string, folder: string, options: object): Promise<Omit<Load, 'cpuMicroseconds'>> {
  const file = join(folder, 'load.json');
  writeFileSync(file, JSON.stringify({ ...options, paths: PATHS }));
  const { stdout } = await promisify(execFile)(process.execPath, [join(peers, 'load.mjs'), file]);
  const load = JSON.parse(stdout) as Omit<Load, 'cpuMicroseconds'>;
  if (load.bad > 0 || load.good === 0) throw new Error(`${load.bad} of ${load.good + load.bad} requests failed`);
  return load;
}
