/** The services that hold a copy of the semantic model. Each is refreshed on its own. */
export const MODEL_SERVICES = ['power-bi', 'analysis-services'] as const;
export type ModelService = (typeof MODEL_SERVICES)[number];

/** A refresh as its service tells of it. `startedAt` is the service's clock. */
export interface ModelRefresh {
  readonly id: string;
  readonly state: 'running' | 'completed' | 'failed' | 'canceled';
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Why it did not complete, in the service's words; empty when it says nothing. */
  readonly message: string;
}

/** The model in one service, as far as it is refreshed. */
export interface SemanticModel {
  /**
   * Asks for a refresh of all tables, in one transaction. Gives its id, which says no more than that it was accepted;
   * undefined when another one is running.
   * @throws ModelServiceError
   */
  requestRefresh(): Promise<string | undefined>;
  /** How a refresh stands; undefined when the service does not know it. */
  getRefresh(id: string): Promise<ModelRefresh | undefined>;
  /** The latest refreshes, whoever asked for them, the latest first. */
  recentRefreshes(): Promise<readonly ModelRefresh[]>;
  /** Ends a refresh; what it had read is dropped. One that has ended already stays as it is. */
  cancelRefresh(id: string): Promise<void>;
}

/** A cell of an answer. */
export type ModelValue = string | number | boolean | null;
/** Columns are named `Table[Column]` and `[Measure]`. */
export type ModelRow = Readonly<Record<string, ModelValue>>;

/** A model that answers questions. */
export interface QueryableModel extends SemanticModel {
  /** @throws ModelServiceError; `ModelQueryFailed` when the service could not answer this question */
  query(dax: string): Promise<{ readonly rows: readonly ModelRow[]; readonly isTruncated: boolean }>;
}
