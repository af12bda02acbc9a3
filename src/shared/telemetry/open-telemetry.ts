import { randomBytes } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { TelemetryConfig } from '../config.ts';
import type { SpanPlace } from './span-place.ts';
import type { SpanRecord, Telemetry } from './telemetry.ts';

const KINDS: Readonly<Record<SpanRecord['kind'], SpanKind>> = {
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
};
const SEND_EVERY_MILLISECONDS = 1_000;
const SEND_WITHIN_MILLISECONDS = 3_000;

/** Spans through the SDK of OpenTelemetry; loaded by telemetry.ts when something is configured. */
export async function createOpenTelemetry(config: TelemetryConfig, credential: TokenCredential): Promise<Telemetry> {
  const ids = new GivenIds();
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    resource: resourceFromAttributes({ 'service.name': 'landfall' }),
    spanProcessors: (await exporters(config, credential)).map(
      (exporter) => new BatchSpanProcessor(exporter, { scheduledDelayMillis: SEND_EVERY_MILLISECONDS }),
    ),
  });
  const tracer = provider.getTracer('landfall');
  return {
    isOn: true,
    emit({ name, kind, at, parent, links = [], startedAt, endedAt, failed, attributes = {} }) {
      ids.next = at;
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          startTime: startedAt,
          attributes,
          links: links.map((place) => ({ context: remote(place) })),
        },
        parent === undefined ? ROOT_CONTEXT : contextOf(parent),
      );
      ids.next = undefined;
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(endedAt);
    },
    flush: () => provider.forceFlush(),
  };
}

async function exporters(
  { connectionString, withIdentity, otlpEndpoint }: TelemetryConfig,
  credential: TokenCredential,
): Promise<SpanExporter[]> {
  const found: SpanExporter[] = [];
  if (connectionString !== undefined) {
    const { AzureMonitorTraceExporter } = await import('@azure/monitor-opentelemetry-exporter');
    found.push(new AzureMonitorTraceExporter({ connectionString, ...(withIdentity ? { credential } : {}) }));
  }
  if (otlpEndpoint !== undefined) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    found.push(new OTLPTraceExporter({ url: `${otlpEndpoint}/v1/traces`, timeoutMillis: SEND_WITHIN_MILLISECONDS }));
  }
  return found;
}

/** Gives the ids that a span is to have; the SDK asks for them while it starts one. */
class GivenIds implements IdGenerator {
  next: SpanPlace | undefined;

  generateTraceId(): string {
    return this.next?.traceId ?? randomBytes(16).toString('hex');
  }

  generateSpanId(): string {
    return this.next?.spanId ?? randomBytes(8).toString('hex');
  }
}

function contextOf(place: SpanPlace): Context {
  return trace.setSpanContext(ROOT_CONTEXT, remote(place));
}

function remote({ traceId, spanId }: SpanPlace) {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}
