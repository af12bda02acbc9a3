import type { RowCounts } from '../src/shared/ledger/file-record.ts';
import type { TrainingRecord } from '../src/shared/models/training.ts';

/** A file of the ledger, as the API tells it. */
export interface ApiFile {
  readonly id: string;
  readonly dataset: string;
  readonly path: string;
  readonly etag: string;
  readonly status: string;
  readonly reason?: string;
  readonly batch?: string;
  readonly landedAt: string;
  readonly rows?: RowCounts;
  readonly reasons?: readonly { readonly rule: string; readonly rows: number; readonly example?: string }[];
}

export interface ApiStep {
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  readonly rows?: number;
  readonly detail?: string;
  readonly error?: string;
  readonly databricksRunId?: string;
}

/** A batch or a training, as the API tells it. */
export interface ApiRun {
  readonly id: string;
  readonly dataset: string;
  readonly number: number;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly files: number;
  readonly kind?: 'training';
  readonly training?: TrainingRecord;
  readonly refresh?: string;
  readonly resumes?: number;
  readonly continuedIn?: string;
  readonly rows?: RowCounts;
  readonly model?: string;
  readonly error?: string;
  readonly steps: Readonly<Record<string, ApiStep>>;
}

/** A dataset's model, as the API tells it. */
export interface ApiModel {
  readonly dataset: string;
  readonly model: string;
  readonly champion: { readonly version: string; readonly metrics: Readonly<Record<string, number>> } | null;
  readonly publishedVersions: readonly string[];
  readonly trainings: readonly (TrainingRecord & { readonly run: string; readonly status: string })[];
}

/** A run of a pipeline, as the API tells it. */
export interface ApiPipelineRun {
  readonly id: string;
  readonly pipeline: string;
  readonly startedBy: string;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly factoryRunId?: string;
  readonly error?: string;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly filesWritten: number;
  readonly copies: readonly {
    readonly table?: string;
    readonly landed?: string;
    readonly succeeded: boolean;
    readonly rowsRead: number;
    readonly rowsWritten: number;
    readonly seconds: number;
  }[];
  readonly fileRecords?: readonly ApiFile[];
}

export interface ApiInsight {
  readonly dataset: string;
  readonly insight: string;
  readonly description: string;
  readonly filters: readonly string[];
  readonly href: string;
  readonly version: number | null;
  readonly rows: number;
}

export interface ApiInsightPage {
  readonly version: number;
  readonly modelVersions: readonly string[];
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}

/** Landfall's HTTP API, as an app developer would call it. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  /** Sends a body, or none. */
  post<T>(path: string, body?: unknown): Promise<T>;
  /** All items of a paged route. */
  all<T>(path: string): Promise<T[]>;
}

/** A client of the API at `url` (…/api) with a function key. */
export function createApiClient({ url, key }: { readonly url: string; readonly key: string }): ApiClient {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-functions-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const get = <T>(path: string) => call<T>('GET', path);
  return {
    get,
    post: (path, body) => call('POST', path, body),
    async all<T>(path: string) {
      const items: T[] = [];
      let next: string | null = null;
      do {
        const page: { items: T[]; next: string | null } = await get(
          `${path}${path.includes('?') ? '&' : '?'}limit=1000${next === null ? '' : `&cursor=${next}`}`,
        );
        items.push(...page.items);
        next = page.next;
      } while (next !== null);
      return items;
    },
  };
}
