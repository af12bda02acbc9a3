import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { loadCertificates } from '../../../emulators/data-factory/tls/load-certificates.ts';
import { createTelemetry, NO_TELEMETRY, type SpanRecord } from '../../../src/shared/telemetry/telemetry.ts';
import { openTraceReceiver } from '../../e2e/support/trace-receiver.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const NOBODY = { getToken: async () => null };
const SPAN: SpanRecord = {
  name: 'process-batch',
  kind: 'internal',
  at: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
  parent: { traceId: 'a'.repeat(32), spanId: 'c'.repeat(16) },
  links: [{ traceId: 'd'.repeat(32), spanId: 'e'.repeat(16) }],
  startedAt: new Date('2026-01-01T00:00:00Z'),
  endedAt: new Date('2026-01-01T00:00:02.5Z'),
  failed: true,
  attributes: { 'landfall.batch': 'flights-00000001', 'landfall.files': 2 },
};

describe('telemetry', () => {
  test('is off when nothing is configured', () => {
    expect(createTelemetry({ withIdentity: false }, NOBODY)).toBe(NO_TELEMETRY);
  });

  test('goes to an OTLP collector under the ids and times that it was given', async () => {
    const receiver = await openTraceReceiver();
    const telemetry = createTelemetry({ withIdentity: false, otlpEndpoint: receiver.url }, NOBODY);
    telemetry.emit(SPAN);
    const { at: _, ...nameless } = SPAN;
    telemetry.emit({ ...nameless, name: 'inspect-files', failed: false });
    await telemetry.flush();
    await receiver.close();
    const [batch, inspect] = receiver.spans();
    expect(batch).toMatchObject({
      name: 'process-batch',
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      parentSpanId: 'c'.repeat(16),
      links: [{ traceId: 'd'.repeat(32), spanId: 'e'.repeat(16) }],
      status: { code: 2 },
    });
    expect(BigInt(batch?.endTimeUnixNano ?? 0) - BigInt(batch?.startTimeUnixNano ?? 0)).toBe(2_500_000_000n);
    expect(inspect).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'c'.repeat(16) });
    expect(inspect?.spanId).toMatch(/^(?!b+$)[\da-f]{16}$/);
  });

  test('goes to Application Insights, where the trace is the operation', async () => {
    const ingestion = await openIngestion();
    const key = '00000000-0000-0000-0000-0000000000aa';
    const config = {
      withIdentity: false,
      connectionString: `InstrumentationKey=${key};IngestionEndpoint=${ingestion.url}/`,
    };
    const script = `
      import { createTelemetry } from './src/shared/telemetry/telemetry.ts';
      const telemetry = createTelemetry(${JSON.stringify(config)}, { getToken: async () => null });
      const span = ${JSON.stringify(SPAN)};
      telemetry.emit({ ...span, startedAt: new Date(span.startedAt), endedAt: new Date(span.endedAt) });
      await telemetry.flush();
      process.exit(0);`;
    const ended = await runScript(script, {
      NODE_EXTRA_CA_CERTS: ingestion.authorityFile,
      APPLICATION_INSIGHTS_NO_STATSBEAT: 'true', // Microsoft's own figures of the exporter
    });
    await ingestion.close();
    expect(ended).toEqual({ status: 0, errors: '' });
    const sent = ingestion.items().filter((item) => item.iKey === key);
    expect(sent.find(({ data }) => data?.baseData?.name === 'process-batch')).toMatchObject({
      tags: { 'ai.operation.id': 'a'.repeat(32), 'ai.operation.parentId': 'c'.repeat(16) },
      data: { baseData: { id: 'b'.repeat(16), name: 'process-batch', success: false } },
    });
  });

  test('that cannot be sent disturbs nobody', async () => {
    const telemetry = createTelemetry({ withIdentity: false, otlpEndpoint: 'http://127.0.0.1:9' }, NOBODY);
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    telemetry.emit(SPAN);
    const began = performance.now();
    await expect(telemetry.flush()).resolves.toBeUndefined();
    expect(performance.now() - began).toBeLessThan(4_000);
    warn.mockRestore();
  });

  test('loads nothing of OpenTelemetry while it is off, and nothing at the start of an app where it is on', () => {
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      const { createServices } = await import('./src/shared/services.ts');
      const { readConfig } = await import('./src/shared/config.ts');
      const { default: { Values } } = await import('./local.settings.json', { with: { type: 'json' } });
      const services = createServices(readConfig({ ...Values, OTEL_EXPORTER_OTLP_ENDPOINT: process.argv[1] || undefined }));
      if (services.telemetry.isOn !== (process.argv[1] !== '')) throw new Error('telemetry is not as configured');
      console.log(JSON.stringify(loaded));`;
    for (const endpoint of ['', 'http://127.0.0.1:9']) {
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, endpoint],
        { cwd: ROOT, encoding: 'utf8' },
      );
      expect([status, stderr]).toEqual([0, '']);
      const loaded = JSON.parse(stdout) as string[];
      expect(loaded.length).toBeGreaterThan(100);
      expect(loaded.filter((url) => /@opentelemetry|monitor-opentelemetry/.test(url))).toEqual([]);
    }
  });
});

/** Runs a module in a process of its own: what it trusts is settled at its start. */
async function runScript(script: string, env: NodeJS.ProcessEnv) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
    { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, errors };
}

interface Envelope {
  readonly iKey?: string;
  readonly data?: { readonly baseData?: { readonly name?: string } };
}

/** The ingestion endpoint of Application Insights, as far as the exporter talks to it: https only. */
async function openIngestion() {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-ingestion-'));
  const { certificate, key } = loadCertificates(folder);
  const items: Envelope[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    void buffer(request).then((body) => {
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
      const envelopes = text.startsWith('[')
        ? (JSON.parse(text) as Envelope[])
        : text.split('\n').map((line) => JSON.parse(line) as Envelope);
      items.push(...envelopes);
      const answer = { itemsReceived: envelopes.length, itemsAccepted: envelopes.length, errors: [] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorityFile: join(folder, 'ca.pem'),
    items: () => items,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
