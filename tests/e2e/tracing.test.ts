import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiFile } from '../../scripts/api-client.ts';
import { readKeys } from '../../scripts/stack/read-keys.ts';
import { ATTRIBUTES } from '../../src/shared/telemetry/telemetry.ts';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';
import { openTraceReceiver, type ReceivedSpan, spansOf, type TraceReceiver } from './support/trace-receiver.ts';

const VARIABLE = 'OTEL_EXPORTER_OTLP_ENDPOINT';

describe('a file that lands, with a collector of traces', () => {
  let stack: TestStack;
  let receiver: TraceReceiver;
  let file: ApiFile;
  let spans: readonly ReceivedSpan[];

  beforeAll(async () => {
    receiver = await openTraceReceiver();
    process.env[VARIABLE] = receiver.url;
    stack = await startTestStack();
    const [landed] = await stack.land({ 'flights/2013-01.csv': join(FLIGHTS, '2013-01.csv') });
    if (landed === undefined) throw new Error('nothing landed');
    file = landed;
    await stack.untilIdle();
    await receiver.until(({ name }) => name === 'refresh power-bi');
    await receiver.until(({ name }) => name === 'announce-publication');
    spans = receiver.spans().filter(({ traceId }) => traceId === file.id);
  });
  afterAll(async () => {
    delete process.env[VARIABLE];
    await stack.dispose();
    await receiver.close();
  });

  const one = (name: string): ReceivedSpan => {
    const [span] = spans.filter((candidate) => candidate.name === name);
    if (span === undefined)
      throw new Error(`no span ${name}; there are ${spans.map((other) => other.name).join(', ')}`);
    return span;
  };
  const attribute = (span: ReceivedSpan, key: string): unknown =>
    Object.values(span.attributes.find((candidate) => candidate.key === key)?.value ?? {})[0];

  test('is one trace, under its id in the ledger, from the event to the insight and the semantic model', () => {
    expect(file.status).toBe('published');
    const root = one('file-arrived');
    expect(root.parentSpanId ?? '').toBe('');
    const batch = one('process-batch');
    expect(batch.parentSpanId).toBe(root.spanId);
    for (const name of [
      ...['inspect-files', 'databricks cleanse', 'check-quality', 'databricks train', 'databricks score'],
      ...['load-warehouse', 'databricks insights', 'upsert-insights', 'publish-warehouse', 'publish-insights'],
      ...['end-batch', 'announce-publication', 'refresh power-bi', 'refresh analysis-services'],
    ]) {
      expect([name, one(name).parentSpanId]).toEqual([name, batch.spanId]);
    }
    const cleanse = one('databricks cleanse');
    for (const name of ['start-job', 'await-job'])
      expect(spans.filter((span) => span.name === name && span.parentSpanId === cleanse.spanId).length).toBeGreaterThan(
        0,
      );
    const known = new Set(spans.map(({ spanId }) => spanId));
    expect(spans.filter(({ parentSpanId = '' }) => parentSpanId !== '' && !known.has(parentSpanId))).toEqual([]);
  });

  test('has each span once, in the order of the story, though orchestrators were replayed', () => {
    const times = (name: string) => [BigInt(one(name).startTimeUnixNano), BigInt(one(name).endTimeUnixNano)] as const;
    for (const name of ['file-arrived', 'process-batch', 'databricks cleanse', 'publish-insights', 'refresh power-bi'])
      expect(spans.filter((span) => span.name === name)).toHaveLength(1);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    expect(times('databricks cleanse')[1]).toBeLessThanOrEqual(times('publish-insights')[0]);
    expect(times('refresh power-bi')[0]).toBeGreaterThanOrEqual(times('publish-warehouse')[1]);
    const [began, ended] = times('process-batch');
    for (const name of ['databricks cleanse', 'load-warehouse', 'publish-insights']) {
      expect(times(name)[0]).toBeGreaterThanOrEqual(began);
      expect(times(name)[1]).toBeLessThanOrEqual(ended);
    }
    expect(spans.filter(({ status }) => status?.code === 2)).toEqual([]);
  });

  test('tells Databricks its place, and of Databricks its run and phases', async () => {
    const cleanse = one('databricks cleanse');
    const [run] = await stack.runs('flights');
    expect(attribute(cleanse, 'databricks.run_id')).toBe(run?.steps.cleanse?.databricksRunId);
    expect(Number(attribute(cleanse, 'landfall.phase.total'))).toBeGreaterThan(0);
    const context = await stack.blobs
      .getContainerClient('lake')
      .getBlobClient(`runs/${run?.id}/cleanse-1/context.json`)
      .downloadToBuffer();
    expect(JSON.parse(context.toString('utf8'))).toMatchObject({
      traceparent: `00-${file.id}-${cleanse.spanId}-01`,
    });
  });

  test('links the files behind the first of a batch', async () => {
    const months = ['2013-02', '2013-03', '2013-04'];
    const files = await stack.land(
      Object.fromEntries(months.map((month) => [`flights/${month}.csv`, join(FLIGHTS, `${month}.csv`)])),
    );
    const batches = new Map(files.map(({ id, batch }) => [id, batch]));
    for (const batch of new Set(batches.values())) {
      const span = await receiver.until(
        (candidate) => candidate.name === 'process-batch' && attribute(candidate, 'landfall.batch') === batch,
      );
      const traces = [span.traceId, ...(span.links ?? []).map(({ traceId }) => traceId)];
      expect(traces.sort()).toEqual([...batches.keys()].filter((id) => batches.get(id) === batch).sort());
    }
  });

  test('becomes insights itself, when what the collector got lands as a file', async () => {
    const exported = join(stack.stateFolder, 'spans.jsonl');
    const bodies = [...receiver.bodies];
    writeFileSync(exported, bodies.map((body) => `${JSON.stringify(JSON.parse(body))}\n`).join(''));
    const [landed] = await stack.land({ 'traces/spans.jsonl': exported }, ['traces']);
    const ids = new Map(spansOf(bodies).map(({ spanId, name }) => [spanId, name]));
    expect([landed?.reason ?? landed?.status, landed?.rows]).toEqual([
      'published',
      expect.objectContaining({ read: spansOf(bodies).length, loaded: ids.size, quarantined: 0 }),
    ]);
    const latency = await stack.client.all<{ name: string; spans: number; errors: number; p50_milliseconds: number }>(
      '/insights/traces/latency',
    );
    const counted = [...ids.values()].reduce((sums, name) => sums.set(name, (sums.get(name) ?? 0) + 1), new Map());
    expect(new Map(latency.map(({ name, spans: count }) => [name, count]))).toEqual(counted);
    const batches = latency.find(({ name }) => name === 'process-batch');
    expect(batches?.p50_milliseconds).toBeGreaterThan(100);
  });

  test('sends names and numbers, but no key, no password and nothing of a row', () => {
    const sent = receiver.bodies.join('\n');
    const secrets = Object.entries(stack.settings).filter(([name]) => /KEY$|TOKEN$|PASSWORD$/.test(name));
    const keys = Object.values(readKeys(stack.stateFolder));
    expect(secrets.length).toBeGreaterThan(5);
    for (const secret of [...secrets.map(([, value]) => value), ...keys]) expect(sent).not.toContain(secret);
    const [header = '', ...lines] = readFileSync(join(FLIGHTS, '2013-01.csv'), 'utf8').split('\n');
    const tail = header.split(',').indexOf('tailnum');
    const tails = new Set(lines.slice(0, 5000).map((line) => line.split(',')[tail] ?? ''));
    expect([...tails].filter((value) => /^N\w{4,}$/.test(value) && sent.includes(value))).toEqual([]);
    const names = new Set(receiver.spans().flatMap(({ attributes }) => attributes.map(({ key }) => key)));
    const allowed: readonly string[] = ATTRIBUTES;
    expect([...names].filter((name) => !allowed.includes(name) && !name.startsWith('landfall.phase.'))).toEqual([]);
    expect(names.size).toBeGreaterThan(8);
  });
});
