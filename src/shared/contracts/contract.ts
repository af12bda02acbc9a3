/** A dataset's contract as `datasets/dataset.schema.json` defines it, with its defaults left open. */
export interface Contract {
  readonly dataset: string;
  readonly description: string;
  readonly arrival: {
    readonly path: string;
    readonly format: 'csv' | 'jsonl' | 'json' | 'xml' | 'parquet' | 'avro' | 'excel' | 'access-log' | 'text' | 'media';
    readonly on_delete?: 'keep' | 'retract';
    readonly set?: FileSets;
    readonly compression?: 'auto' | 'none' | 'gzip' | 'zip' | 'zstd';
    readonly encoding?: 'utf-8' | 'utf-16' | 'latin-1' | 'windows-1252';
    readonly null_values?: readonly string[];
    readonly csv?: { readonly delimiter?: string; readonly header?: boolean };
    readonly json?: { readonly records?: string; readonly explode?: readonly string[] };
    readonly xml?: { readonly records: string; readonly explode?: readonly string[] };
    readonly avro?: { readonly explode?: readonly string[] };
    readonly access_log?: { readonly layout?: 'common' | 'combined' | 'w3c' };
    readonly text?: { readonly pattern: string };
    readonly excel?: { readonly sheet?: string; readonly header_row?: number };
    readonly media?: { readonly thumbnail_pixels?: number; readonly text_characters?: number };
  };
  readonly columns: readonly Column[];
  readonly rules: readonly Rule[];
  readonly quality?: { readonly max_quarantined_share?: number };
  readonly drift?: Drift;
  readonly identity: {
    /** Absent where rows are appended: then each row is one of its own. */
    readonly key?: readonly string[];
    readonly event_time?: string;
    readonly on_later_version: 'upsert' | 'append' | 'history';
  };
  readonly combine?: readonly Combine[];
  readonly model?: Model;
  readonly warehouse?: WarehouseTable;
  readonly insights?: readonly Insight[];
}

/** Files that are processed together, once all of a set are there. Either `count` or `manifest` says how many these are. */
export interface FileSets {
  /** A regular expression; what its groups match in a path names the set. */
  readonly by: string;
  readonly count?: number;
  /** A glob of the file that names those of a set. */
  readonly manifest?: string;
  /** From the first file on, an ISO 8601 duration. */
  readonly deadline: string;
  readonly on_deadline?: 'fail' | 'process';
}

const COLUMN_TYPES = ['string', 'int', 'bigint', 'double', 'boolean', 'date', 'timestamp'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export function isColumnType(value: string): value is ColumnType {
  return COLUMN_TYPES.some((type) => type === value);
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly length?: number;
  readonly nullable?: boolean;
  readonly source?: string;
  readonly expression?: string;
  /** `after`: known only once the event has happened, and so no feature of a model. Default `before`. */
  readonly known?: 'before' | 'after';
  readonly minimum?: number | string;
  readonly maximum?: number | string;
  readonly allowed?: readonly (number | string)[];
  readonly pattern?: string;
  /** Of minimum, maximum, allowed and pattern; by default `quarantine`. */
  readonly outcome?: Outcome;
  readonly max_share?: number;
  /** Never in a contract's text: the batch whose files brought a column that the text does not name. */
  readonly evolved?: string;
  readonly description: string;
}

/** What a row comes to that breaks a rule. */
export type Outcome = 'quarantine' | 'warn' | 'fail';

/** What makes a row good, or a batch: exactly one of the kinds. */
export interface Rule {
  readonly name: string;
  readonly expression?: string;
  readonly unique?: readonly string[];
  readonly exists_in?: { readonly dataset: string; readonly on: Readonly<Record<string, string>> };
  readonly freshness?: { readonly max_age_hours?: number; readonly max_ahead_hours?: number };
  readonly row_count?: { readonly minimum?: number; readonly maximum?: number; readonly max_change?: number };
  readonly distribution?: { readonly column: string; readonly max_psi?: number };
  readonly outcome: Outcome;
  readonly max_share?: number;
  readonly description: string;
}

/** What becomes of a file whose columns are not those of the contract. */
export interface Drift {
  readonly new_columns?: 'ignore' | 'evolve' | 'reject';
  readonly missing_columns?: 'reject' | 'ignore';
  readonly changed_types?: 'quarantine' | 'reject';
}

export interface Combine {
  readonly dataset: string;
  readonly on: Readonly<Record<string, string>>;
  /** Of a dataset with history: the column here at whose time the version must hold; without it the current one is meant. */
  readonly as_of?: string;
  readonly columns: Readonly<Record<string, string>>;
}

export interface Model {
  readonly name: string;
  readonly description: string;
  readonly target: string;
  readonly train_where?: string;
  readonly features: readonly {
    readonly name: string;
    readonly expression?: string;
    readonly kind?: 'numeric' | 'categorical';
  }[];
  readonly split: { readonly by: string; readonly holdout_share: number };
  readonly metric: 'auc';
  readonly promote_when_better_by: number;
  readonly prediction: string;
}

export interface WarehouseTable {
  readonly table: string;
  readonly kind: 'fact' | 'dimension';
  readonly distribution: 'round_robin' | 'replicate' | { readonly hash: string };
  readonly columns: readonly string[];
}

export interface Insight {
  readonly name: string;
  readonly description: string;
  readonly sql: string;
  readonly key: readonly string[];
  readonly filters: readonly string[];
}

/** A contract that passed every check, with the Spark SQL of its insights and a version made of all its text. */
export interface Dataset {
  readonly contract: Contract;
  readonly version: string;
  readonly statements: Readonly<Record<string, string>>;
}

/** The columns that a file must bring, by the names that its header spells. */
export function landedColumns(contract: Contract): readonly string[] {
  return contract.columns
    .filter((column) => column.expression === undefined)
    .map((column) => column.source ?? column.name);
}
