import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NIGHTLY_PIPELINE } from '../src/shared/names.ts';
import { type ApiInsight, type ApiInsightPage, type ApiRun, createApiClient } from './api-client.ts';
import { askInSql, askWhy } from './demo/ask-the-lake.ts';
import { changePlane } from './demo/change-plane.ts';
import { runPipeline } from './demo/copy-reference.ts';
import { followFiles, followRefresh } from './demo/follow-files.ts';
import { landFolder } from './demo/land-files.ts';
import { endOf, landAccessLog, landMedia, showMedia, showTraffic } from './demo/land-samples.ts';
import {
  booksOf,
  count,
  type DemoSummary,
  fileLine,
  pipelineLines,
  round,
  stepLine,
  stepSeconds,
  table,
} from './demo/report.ts';
import { retrainModel } from './demo/retrain-model.ts';
import { followRefreshes, isRefresh, showMetrics } from './demo/semantic-model.ts';
import { blobService } from './provision/storage.ts';
import { ROOT } from './stack/endpoints.ts';
import { type Stack, startStack } from './stack/start-stack.ts';
import { exitWhenInterrupted, untilInterrupted } from './stack/until-interrupted.ts';

const { values: options } = parseArgs({ options: { exit: { type: 'boolean' }, json: { type: 'boolean' } } });
const stays = options.exit !== true && process.stdout.isTTY === true;
const bold = (text: string): string => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
const say = (text = ''): void => console.log(text);

exitWhenInterrupted();

/** A Boeing that was scheduled 393 times from New York. */
const PLANE = 'N328AA';
const REFERENCES = ['airlines', 'airports', 'planes', 'weather'];
const STATE = join(ROOT, '.landfall');
const ACCESS_LOG = join(STATE, 'logs', 'access.log');
const logged = endOf(ACCESS_LOG);
const began = performance.now();
const since = (start: number): number => round((performance.now() - start) / 1000);

say(bold('Starting the local stack'));
const stack = await startStack({
  stateFolder: STATE,
  accessLog: ACCESS_LOG,
  onReady: (name, seconds) => say(`  ${name.padEnd(16)} ${seconds.toFixed(2)} s`),
});
try {
  const summary = await demonstrate(stack);
  if (stays) {
    say(`\nThe stack stays up; ${bold('Ctrl-C')} stops it.`);
    await untilInterrupted();
  }
  await stack.stop();
  if (options.json) say(JSON.stringify(summary));
} catch (error) {
  await stack.stop();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function demonstrate({ api: access, settings }: Stack): Promise<DemoSummary> {
  const up = since(began);
  const api = createApiClient(access);
  const blobs = blobService(settings);
  const progress = {
    step: (run: ApiRun, name: string) => isRefresh(name) || say(stepLine(run, name)),
    file: (file: Parameters<typeof fileLine>[0]) => say(fileLine(file)),
  };

  // Of fifty files of media only those that are not as they should be.
  const quietly: typeof progress = {
    ...progress,
    file: (file) => (file.rows?.loaded === 1 ? undefined : progress.file(file)),
  };

  say(
    `\n${bold('Copying reference data')}: Data Factory, ${NIGHTLY_PIPELINE} (POST /api/pipelines/${NIGHTLY_PIPELINE}/runs)`,
  );
  const { run: copied, landed: references } = await runPipeline(api, blobs, NIGHTLY_PIPELINE);
  for (const line of pipelineLines(copied)) say(line);
  if (references.size > 0) failUnlessGood(await followFiles(api, REFERENCES, references, progress));

  say(
    `\n${bold('Landing flights')}: twelve months, all at once; Event Grid announces them, Durable Functions orchestrate the rest`,
  );
  const months = await landFolder(blobs, join(ROOT, '.data', 'flights'), 'flights');
  const landed = performance.now();
  const files = await followFiles(api, ['flights'], months, progress);
  const readable = since(landed);
  failUnlessGood(files);

  say(`\n${bold('Semantic model')}: Power BI and Analysis Services take over what was published`);
  await followRefreshes(api, [...REFERENCES, 'flights'], say);
  const modelShows = since(landed);

  const { insights } = await api.get<{ insights: ApiInsight[] }>('/insights');
  say(`\n${bold('Insights, as an app gets them')} (GET /api/insights/flights/…)`);
  await show('flights/route-risk?origin=JFK&limit=4', ['origin', 'dest', 'flights', 'risk', 'late_share']);
  await show('flights/carrier-punctuality?year=2013&month=12&limit=4', [
    'carrier',
    'carrier_name',
    'flights',
    'cancelled',
    'avg_arr_delay',
  ]);
  await show('flights/airport-day?origin=EWR&month=12&limit=3', [
    'origin',
    'flight_date',
    'flights',
    'cancelled',
    'avg_dep_delay',
    'total_precip',
  ]);

  say(`\n${bold('Metrics, as a report gets them')} (POST /api/metrics/query, answered by Power BI)`);
  await showMetrics(api, say);
  say(`\n${bold('Ad hoc SQL')}: Databricks SQL over the lake (POST /api/sql)`);
  await askInSql(api, say);
  say(`\n${bold('Root cause')}: why were arrivals later in December? (POST /api/explain)`);
  await askWhy(api, say);
  await changeFlowsThrough();
  await otherKinds();

  // A file that was published before and landed unchanged has its books under its earlier version.
  const ledger = await api.all<Parameters<typeof fileLine>[0]>('/files?dataset=flights&status=published');
  const current = [...months.keys()]
    .map((path) => ledger.find((file) => file.path === path))
    .filter((file) => file !== undefined);
  const rows = booksOf(current);
  const batches = new Set(files.map((file) => file.batch));
  const runs = (await api.all<ApiRun>('/runs?dataset=flights')).filter((run) => batches.has(run.id));
  say(
    `\n${bold('Books')}: ${count(rows.read)} read = ${count(rows.loaded)} loaded + ${rows.quarantined} quarantined + ${rows.duplicates} duplicates + ${rows.superseded} superseded`,
  );
  say(
    `${bold('Time')}: stack up in ${up} s; twelve files readable ${readable} s after the last had landed, in ${runs.length} batches; in the semantic model after ${modelShows} s`,
  );
  say(`\n${bold('Retraining')}: Databricks and MLflow, as every night (POST /api/models/flights/retrain)`);
  await retrainModel(api, 'flights', say);
  whereToLookNext();
  return {
    files: current.length,
    rows,
    insights: insights.reduce((sum, insight) => sum + insight.rows, 0),
    seconds: { up, readable, modelShows, total: since(began), steps: stepSeconds(runs) },
  };

  /** What changes in the operational database reaches the insights by itself, once Data Factory has copied it. */
  async function changeFlowsThrough(): Promise<void> {
    const last = Math.max(...(await api.all<ApiRun>('/runs?dataset=flights')).map(({ number }) => number));
    const plane = await changePlane(settings, PLANE);
    const seats = async (): Promise<string> => {
      const rows = await api.all<Readonly<Record<string, unknown>>>(
        `/insights/flights/aircraft-punctuality?manufacturer=${encodeURIComponent(plane.manufacturer)}`,
      );
      return Number(rows.find(({ model }) => model === plane.model)?.avg_seats).toFixed(3);
    };
    const before = await seats();
    say(`\n${bold('An aircraft changes in the operational database')}: ${PLANE} now has ${plane.seats} seats`);
    const changed = performance.now();
    const { run, landed: change } = await runPipeline(api, blobs, NIGHTLY_PIPELINE);
    for (const line of pipelineLines(run)) say(line);
    failUnlessGood(await followFiles(api, ['planes'], change, progress));
    await followRefresh(api, 'flights', last, progress);
    say(
      `  aircraft-punctuality, ${plane.manufacturer} ${plane.model}: avg_seats ${before} → ${await seats()}, ${since(changed)} s after the change`,
    );
  }

  /** Files of other kinds: media, and the log of all the requests that this demo has made. */
  async function otherKinds(): Promise<void> {
    say(`\n${bold('Landing photographs, documents, recordings, and the log of the requests made so far')}`);
    const [media, log] = await Promise.all([landMedia(blobs), landAccessLog(blobs, ACCESS_LOG, logged)]);
    failUnlessGood(await followFiles(api, ['media', 'access-logs'], new Map([...media, ...log]), quietly));
    await showMedia(api, say);
    await showTraffic(api, say);
  }

  async function show(path: string, columns: readonly string[]): Promise<void> {
    const page = await api.get<ApiInsightPage>(`/insights/${path}`);
    say(`\n  ${path}  (version ${page.version})`);
    for (const line of table(page, columns, 5)) say(line);
  }

  function whereToLookNext(): void {
    say(`\n${bold('Where to look next')}`);
    say(`  the app      ${new URL('/app/', access.url)}   (sign in as operator@landfall.example)`);
    say(
      `  the API      curl -H "x-functions-key: ${access.key}" "${access.url}/insights/flights/route-risk?origin=LGA&dest=ATL"`,
    );
    say(`  its document ${access.url}/openapi.json`);
    say(`  the ledger   curl -H "x-functions-key: ${access.key}" "${access.url}/files?limit=5"   (also /runs)`);
    say('  logs         .landfall/logs/');
    say(`${bold('Land a file of your own')}: upload it to the container "landing" with any Blob client, for example`);
    say(
      `  az storage blob upload --connection-string "${connectionString(settings)}" -c landing -n flights/mine.csv -f mine.csv`,
    );
    say(
      '  A file like .data/flights/2013-01.csv under flights/ becomes insights; datasets/ tells what else is expected where.',
    );
  }
}

function connectionString(settings: Stack['settings']): string {
  return `DefaultEndpointsProtocol=http;AccountName=${settings.STORAGE_ACCOUNT_NAME};AccountKey=${settings.STORAGE_ACCOUNT_KEY};BlobEndpoint=${settings.STORAGE_BLOB_ENDPOINT};`;
}

function failUnlessGood(
  files: readonly { readonly path: string; readonly status: string; readonly reason?: string }[],
): void {
  const bad = files.filter(({ status }) => status !== 'published' && status !== 'unchanged');
  if (bad.length === 0) return;
  const reasons = new Set(bad.map(({ reason }) => reason ?? 'no reason is known'));
  throw new Error(
    `The demo failed: ${bad.map(({ path, status }) => `${path} is ${status}`).join(', ')}. ${[...reasons].join(' ')}`,
  );
}
