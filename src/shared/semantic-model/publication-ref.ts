/** A publication that the semantic model is to show. */
export interface PublicationRef {
  readonly dataset: string;
  /** The batch that published it, and so its version. */
  readonly batch: string;
  readonly version: number;
  /** A time at which it was published already: a refresh that began later shows it. */
  readonly publishedAt: string;
  /** The trace of the batch. */
  readonly trace?: string;
}

/** When the newest of some publications was there. */
export function newestOf(publications: readonly PublicationRef[]): string {
  const times = publications.map(({ publishedAt }) => publishedAt).sort();
  return times.at(-1) ?? '';
}
