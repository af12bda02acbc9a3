import { isColumnType } from '../contracts/contract.ts';
import type { EvolvedColumn } from '../contracts/evolved-columns.ts';
import { LandfallError } from '../errors.ts';
import type { RowCounts, RuleCount } from '../ledger/file-record.ts';
import type { Contest } from '../models/training.ts';
import type { DriftFinding, Warning } from '../runs/run-record.ts';

/** What the cleanse job says of each file. */
export interface CleanseResult {
  /** Rows of other files that count again, since what they had lost to is gone. */
  readonly returned: number;
  readonly files: readonly {
    readonly path: string;
    readonly etag: string;
    readonly rows: RowCounts;
    readonly reasons: readonly RuleCount[];
    /** The file was overwritten or deleted while it was read; none of its rows is in. */
    readonly changed: boolean;
    /** Why nothing was taken of the file; absent where its rows are in. */
    readonly rejected?: string;
  }[];
  /** How files differ from the contract, and what became of that. */
  readonly drift: readonly DriftFinding[];
  /** All columns by now that files brought and the contract does not name. */
  readonly evolved: readonly EvolvedColumn[];
  /** Limits that the batch is beyond, as sentences: it must not be published. */
  readonly violations: readonly string[];
}

export interface ScoreResult {
  readonly needsTraining: boolean;
  readonly rows: number;
  readonly model?: string;
  readonly columns: readonly string[];
  /** Those of them that files brought and the contract does not name. */
  readonly evolved: readonly EvolvedColumn[];
  /** Delta version of the silver table after the commit. */
  readonly silverVersion?: number;
}

export interface TrainResult {
  readonly trained: boolean;
  /** The alias was moved: to the challenger, or back. */
  readonly promoted: boolean;
  /** Published rows have scores of another model now. */
  readonly rescore: boolean;
  readonly reason: string;
  /** The version that was trained or put back. */
  readonly version?: string;
  /** The version that was in use before. */
  readonly champion?: string;
  /** Challenger against champion, where there was a contest. */
  readonly contest?: Contest;
  readonly warnings: readonly string[];
  /** All that in a line. */
  readonly detail: string;
}

export interface InsightsResult {
  readonly insights: readonly {
    readonly name: string;
    readonly rows: number;
    /** Versions of the model whose scores are in it; none where it makes no use of scores. */
    readonly modelVersions: readonly string[];
  }[];
}

/** Parses the result document of a cleanse job. @throws LandfallError `InvalidJobResult` */
export function parseCleanseResult(result: unknown): CleanseResult {
  const document = record(result, 'result');
  const files = list(document, 'files').map((entry) => {
    const file = record(entry, 'files[]');
    const count = (name: keyof RowCounts): number => number(file, name);
    return {
      path: text(file, 'path'),
      etag: text(file, 'etag'),
      changed: file.changed === true,
      ...(typeof file.rejected === 'string' ? { rejected: file.rejected } : {}),
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
  const violations = optionalList(document, 'violations');
  return {
    files,
    drift: optionalList(document, 'drift').map(parseDrift),
    evolved: parseEvolved(document),
    violations: violations.map(String),
    returned: typeof document.returned === 'number' ? document.returned : 0,
  };
}

function parseDrift(item: unknown): DriftFinding {
  const found = record(item, 'drift[]');
  const [column, type] = [optionalText(found, 'column'), optionalText(found, 'type')];
  return {
    kind: text(found, 'kind'),
    source: text(found, 'source'),
    action: text(found, 'action'),
    ...(column === undefined ? {} : { column }),
    ...(type === undefined ? {} : { type }),
    ...(typeof found.rows === 'number' ? { rows: found.rows } : {}),
    files: number(found, 'files'),
    file: text(found, 'file'),
    examples: list(found, 'examples').map(String),
  };
}

/** The columns that files brought, by a job's result; one that failed tells none. */
export function parseEvolved(document: unknown): readonly EvolvedColumn[] {
  return optionalList(record(document, 'result'), 'evolved').map((item) => {
    const column = record(item, 'evolved[]');
    const type = text(column, 'type');
    if (!isColumnType(type)) throw invalid(`evolved[].type is ${type}`);
    return {
      name: text(column, 'name'),
      type,
      source: text(column, 'source'),
      evolved: text(column, 'evolved'),
      ...(typeof column.length === 'number' ? { length: column.length } : {}),
    };
  });
}

/** What a job warns of, by rule; jobs of any step may. @throws LandfallError `InvalidJobResult` */
export function parseWarnings(document: unknown): readonly Warning[] {
  return optionalList(record(document, 'result'), 'warnings').map((item) => {
    const warning = record(item, 'warnings[]');
    const [column, message] = [optionalText(warning, 'column'), optionalText(warning, 'message')];
    return {
      rule: text(warning, 'rule'),
      ...(column === undefined ? {} : { column }),
      ...(typeof warning.rows === 'number' ? { rows: warning.rows } : {}),
      ...(message === undefined ? {} : { message }),
    };
  });
}

/** Parses the result document of a score job. @throws LandfallError `InvalidJobResult` */
export function parseScoreResult(document: unknown): ScoreResult {
  const result = record(document, 'result');
  if (result.needs_training === true) return { needsTraining: true, rows: 0, columns: [], evolved: [] };
  const model = result.model === null || result.model === undefined ? undefined : record(result.model, 'model');
  return {
    needsTraining: false,
    rows: number(result, 'rows'),
    columns: list(result, 'columns').map((column) => text(record(column, 'columns[]'), 'name')),
    evolved: parseEvolved(result),
    ...(typeof result.silver_version === 'number' ? { silverVersion: result.silver_version } : {}),
    ...(model === undefined ? {} : { model: `${text(model, 'name')} ${text(model, 'version')}` }),
  };
}

/** Parses the result document of a train job. @throws LandfallError `InvalidJobResult` */
export function parseTrainResult(document: unknown): TrainResult {
  const result = record(document, 'result');
  const trained = result.trained === true;
  const metrics = result.metrics === undefined ? {} : record(result.metrics, 'metrics');
  const reason = text(result, 'reason');
  const version = optionalText(result, 'version');
  const champion =
    optionalText(result, 'from') ??
    (result.champion === undefined ? undefined : text(record(result.champion, 'champion'), 'version'));
  const judged = typeof metrics.champion_auc === 'number';
  const listed = Object.entries(metrics).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? value.toFixed(3) : String(value)}`,
  );
  return {
    trained,
    promoted: result.promoted === true,
    rescore: result.rescore === true,
    reason,
    ...(version === undefined ? {} : { version }),
    ...(champion === undefined ? {} : { champion }),
    ...(judged
      ? {
          contest: {
            auc: number(metrics, 'auc'),
            championAuc: number(metrics, 'champion_auc'),
            difference: number(metrics, 'difference'),
            low: number(metrics, 'low'),
            high: number(metrics, 'high'),
          },
        }
      : {}),
    warnings: (Array.isArray(result.warnings) ? result.warnings : []).map((item) =>
      text(record(item, 'warnings[]'), 'message'),
    ),
    detail: trained ? `${version ?? '?'}: ${listed.join(', ')}${judged ? `; ${reason}` : ''}` : reason,
  };
}

/** Parses the result document of an insights job. @throws LandfallError `InvalidJobResult` */
export function parseInsightsResult(document: unknown): InsightsResult {
  const insights = list(record(document, 'result'), 'insights').map((entry) => {
    const insight = record(entry, 'insights[]');
    const versions = Array.isArray(insight.model_versions) ? insight.model_versions : [];
    return { name: text(insight, 'name'), rows: number(insight, 'rows'), modelVersions: versions.map(String) };
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

function optionalList(fields: Fields, name: string): readonly unknown[] {
  return fields[name] === undefined ? [] : list(fields, name);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw invalid(`${name} is not a text`);
  return value;
}

function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
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
