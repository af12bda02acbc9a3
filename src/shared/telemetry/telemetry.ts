import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenCredential } from '@azure/identity';
import type { TelemetryConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { SpanPlace } from './span-place.ts';

/** What may stand in a span: names and numbers, never rows, texts of errors, or addresses with keys in them. */
export const ATTRIBUTES = [
  'landfall.dataset',
  'landfall.batch',
  'landfall.path',
  'landfall.status',
  'landfall.files',
  'landfall.step',
  'landfall.attempt',
  'landfall.service',
  'landfall.error',
  'landfall.rows.read',
  'landfall.rows.loaded',
  'landfall.rows.quarantined',
  'databricks.run_id',
] as const;
/** Phases of a job are named by the job. */
export type AttributeName = (typeof ATTRIBUTES)[number] | `landfall.phase.${string}`;

/** A span that has ended. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: 'consumer' | 'internal' | 'client';
  /** Left away: a new id in the parent's trace. */
  readonly at?: SpanPlace;
  readonly parent?: SpanPlace;
  /** What else led to it. */
  readonly links?: readonly SpanPlace[];
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly failed?: boolean;
  readonly attributes?: Readonly<Partial<Record<AttributeName, string | number>>>;
}

/** Where spans go. */
export interface Telemetry {
  /** False when they go nowhere: then nothing needs to be found out for them. */
  readonly isOn: boolean;
  emit(span: SpanRecord): void;
  /** Sends what is still here, as far as that can be done in a few seconds. */
  flush(): Promise<void>;
}

export const NO_TELEMETRY: Telemetry = { isOn: false, emit: () => undefined, flush: async () => undefined };

/**
 * Spans by OpenTelemetry, to Application Insights, an OTLP collector or both, as configured. Its packages are loaded with
 * the first span, so that a start of the host does not wait for them, and never when nothing is configured.
 */
export function createTelemetry(config: TelemetryConfig, credential: TokenCredential): Telemetry {
  if (config.connectionString === undefined && config.otlpEndpoint === undefined) return NO_TELEMETRY;
  let loading: Promise<Telemetry> | undefined;
  const load = (): Promise<Telemetry> => {
    loading ??= import('./open-telemetry.ts').then(({ createOpenTelemetry }) =>
      createOpenTelemetry(config, credential),
    );
    return loading;
  };
  return {
    isOn: true,
    // A span that cannot be told of must not disturb what it tells of.
    emit: (span) => void load().then((telemetry) => telemetry.emit(span), warn),
    flush: async () => {
      const sent = loading?.then((telemetry) => telemetry.flush()).catch(warn);
      await Promise.race([sent, sleep(FLUSH_WITHIN_MILLISECONDS, undefined, { ref: false })]);
    },
  };
}

/** The host waits no longer for an app that ends. */
const FLUSH_WITHIN_MILLISECONDS = 3_000;

let hasWarned = false;

/** OpenTelemetry gives one error for each exporter. */
function warn(thrown: unknown): void {
  if (hasWarned) return;
  hasWarned = true;
  const errors: readonly unknown[] = Array.isArray(thrown) ? thrown : [thrown];
  console.warn(`Traces cannot be sent: ${errors.map(messageOf).join('; ')}`);
}
