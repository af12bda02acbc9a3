import { LandfallError } from '../errors.ts';
import type { RowCounts, RuleCount } from '../ledger/file-record.ts';

/** What the cleanse job says of each file. */
export interface CleanseResult {
  readonly files: readonly {
    readonly path: string;
    readonly etag: string;
    readonly rows: RowCounts;
    readonly reasons: readonly RuleCount[];
    /** The file was overwritten or deleted while it was read; none of its rows is in. */
    readonly changed: boolean;
  }[];
}

export interface ScoreResult {
  readonly needsTraining: boolean;
  readonly rows: number;
  readonly model?: string;
  readonly columns: readonly string[];
  /** Delta version of the silver table after the commit. */
  readonly silverVersion?: number;
}

export interface TrainResult {
  readonly trained: boolean;
  readonly detail: string;
}

export interface InsightsResult {
  readonly insights: readonly { readonly name: string; readonly rows: number }[];
}

/** Parses the result document of a cleanse job. @throws LandfallError `InvalidJobResult` */
export function parseCleanseResult(document: unknown): CleanseResult {
  const files = list(record(document, 'result'), 'files').map((entry) => {
    const file = record(entry, 'files[]');
    const count = (name: keyof RowCounts): number => number(file, name);
    return {
      path: text(file, 'path'),
      etag: text(file, 'etag'),
      changed: file.changed === true,
      rows: {
        read: count('read'),
        loaded: count('loaded'),
        quarantined: count('quarantined'),
        duplicates: count('duplicates'),
        superseded: count('superseded'),
      },
      reasons: list(file, 'reasons').map((item) => {
        const reason = record(item, 'reasons[]');
        const example = reason.example;
        return {
          rule: text(reason, 'rule'),
          rows: number(reason, 'rows'),
          ...(typeof example === 'string' ? { example } : {}),
        };
      }),
    };
  });
  return { files };
}

/** Parses the result document of a score job. @throws LandfallError `InvalidJobResult` */
export function parseScoreResult(document: unknown): ScoreResult {
  const result = record(document, 'result');
  if (result.needs_training === true) return { needsTraining: true, rows: 0, columns: [] };
  const model = result.model === null || result.model === undefined ? undefined : record(result.model, 'model');
  return {
    needsTraining: false,
    rows: number(result, 'rows'),
    columns: list(result, 'columns').map((column) => text(record(column, 'columns[]'), 'name')),
    ...(typeof result.silver_version === 'number' ? { silverVersion: result.silver_version } : {}),
    ...(model === undefined ? {} : { model: `${text(model, 'name')} ${text(model, 'version')}` }),
  };
}

/** Parses the result document of a train job. @throws LandfallError `InvalidJobResult` */
export function parseTrainResult(document: unknown): TrainResult {
  const result = record(document, 'result');
  if (result.trained !== true) return { trained: false, detail: text(result, 'reason') };
  const metrics = Object.entries(record(result.metrics, 'metrics')).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? value.toFixed(3) : String(value)}`,
  );
  return { trained: true, detail: `${text(result, 'version')}: ${metrics.join(', ')}` };
}

/** Parses the result document of an insights job. @throws LandfallError `InvalidJobResult` */
export function parseInsightsResult(document: unknown): InsightsResult {
  const insights = list(record(document, 'result'), 'insights').map((entry) => {
    const insight = record(entry, 'insights[]');
    return { name: text(insight, 'name'), rows: number(insight, 'rows') };
  });
  return { insights };
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${name} is not an object`);
  return value as Fields;
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw invalid(`${name} is not a list`);
  return value;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw invalid(`${name} is not a text`);
  return value;
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`${name} is not a number`);
  return value;
}

function invalid(what: string): LandfallError {
  return new LandfallError(
    'InvalidJobResult',
    `The job's result document cannot be read: ${what}. Do the deployed jobs match this version of the app?`,
  );
}
