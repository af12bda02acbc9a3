// What the API tells, as far as the app shows it; /api/openapi.json has the whole.

/** A row of an insight. */
export type Row = Readonly<Record<string, unknown>>;

export interface InsightEntry {
  readonly dataset: string;
  readonly insight: string;
  readonly description: string;
  readonly key: readonly string[];
  readonly filters: readonly string[];
  readonly href: string;
  readonly version: number | null;
  readonly publishedAt: string | null;
  readonly rows: number;
}

export interface InsightPage {
  readonly version: number;
  readonly publishedAt: string | null;
  readonly items: readonly Row[];
  readonly next: string | null;
}

export interface RowCounts {
  readonly read: number;
  readonly loaded: number;
  readonly quarantined: number;
  readonly duplicates: number;
  readonly superseded: number;
}

export interface FileRecord {
  readonly id: string;
  readonly dataset: string;
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  readonly landedAt: string;
  readonly status: string;
  readonly reason?: string;
  readonly batch?: string;
  readonly rows?: RowCounts;
  readonly reasons?: readonly { readonly rule: string; readonly rows: number; readonly example?: string }[];
  readonly publishedAt?: string;
  /** A replay: of which entry. */
  readonly replay?: { readonly of: string; readonly number: number; readonly requestedAt: string };
  /** What it brought, refused rows included, no longer counts. */
  readonly replacedBy?: { readonly id: string; readonly batch: string; readonly at: string };
  /** Its refused rows landed once more, corrected. */
  readonly correctedBy?: { readonly id: string; readonly batch: string; readonly at: string };
}

/** A row that was refused. */
export interface QuarantinedRow {
  readonly line: number;
  readonly item?: number;
  readonly rule: string;
  readonly reason: string;
  readonly raw: string;
}

export interface QuarantinedPage {
  readonly items: readonly QuarantinedRow[];
  readonly next: string | null;
}

/** Which files are read again, and why others are not. */
export interface ReplayAnswer {
  readonly files: readonly { readonly id: string; readonly path: string }[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

/** What a job warns of without failing. */
export interface Warning {
  readonly rule: string;
  readonly column?: string;
  readonly rows?: number;
  readonly message?: string;
}

/** One thing by which files differ from the contract. */
export interface DriftFinding {
  readonly kind: string;
  readonly source: string;
  readonly action: string;
  readonly column?: string;
  readonly type?: string;
  readonly rows?: number;
  readonly files: number;
  readonly file: string;
  readonly examples: readonly string[];
}

export interface StepRecord {
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  readonly rows?: number;
  readonly detail?: string;
  readonly warnings?: readonly Warning[];
}

export interface RunRecord {
  readonly id: string;
  readonly dataset: string;
  readonly number: number;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly files: number;
  readonly rows?: RowCounts;
  readonly reasons?: readonly { readonly rule: string; readonly rows: number }[];
  readonly drift?: readonly DriftFinding[];
  readonly model?: string;
  /** Why rows that are there already were scored and published again. */
  readonly refresh?: string;
  /** The later batch in which its files went on when it was resumed. */
  readonly continuedIn?: string;
  /** Only of a training of a model. */
  readonly training?: {
    readonly model: string;
    readonly mode: 'challenge' | 'rollback';
    readonly verdict?: string;
    readonly reason?: string;
  };
  /** Only of a backfill. */
  readonly backfill?: {
    readonly progress: {
      readonly published: number;
      readonly failed: number;
      readonly rejected: number;
      readonly leftOut: number;
      readonly before: { readonly read: number; readonly quarantined: number };
      readonly after: { readonly read: number; readonly quarantined: number };
    };
    readonly outcome?: {
      readonly path: string;
      readonly passed: boolean;
      readonly reason: string;
      readonly rules: readonly { readonly rule: string; readonly before: number; readonly after: number }[];
    };
    readonly leftOut?: readonly { readonly path: string; readonly reason: string }[];
  };
  readonly error?: string;
  readonly cancelRequested?: boolean;
  readonly steps: Readonly<Record<string, StepRecord>>;
  readonly fileRecords?: readonly FileRecord[];
}

/** What a backfill would do, and the token that starts exactly that. */
export interface BackfillPreview {
  readonly token: string;
  readonly contractVersion: string;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  readonly quarantined: number;
  readonly contracts: readonly { readonly version: string; readonly files: number }[];
  readonly runs: number;
  readonly databricksRuns: number;
  readonly estimatedSeconds: number | null;
  readonly estimatedFrom: number;
  readonly insights: readonly { readonly dataset: string; readonly insight: string }[];
  readonly canary: { readonly path: string } | null;
  readonly leftOut: readonly { readonly reason: string; readonly files: number }[];
}

export interface DatasetEntry {
  readonly dataset: string;
  readonly description: string;
  readonly path: string;
  readonly correctionsPath: string | null;
  readonly format: string;
  readonly table: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly nullable: boolean;
    readonly description: string;
  }[];
  readonly insights: readonly string[];
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface SqlColumn {
  readonly name: string;
  readonly type: string;
}

export type SqlAnswer =
  | { readonly id: string; readonly state: 'running' | 'canceled' }
  | {
      readonly id: string;
      readonly state: 'succeeded';
      readonly columns: readonly SqlColumn[];
      readonly rows: readonly (readonly unknown[])[];
      readonly rowCount: number;
      readonly truncated: boolean;
      readonly next: string | null;
    };

export interface UploadGrant {
  readonly dataset: string;
  readonly path: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}
