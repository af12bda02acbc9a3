import type { Container } from '@azure/cosmos';
import { plain } from '../cosmos/plain.ts';
import type { FileRecord } from '../ledger/file-record.ts';
import { NO_DATASET } from '../names.ts';
import type { RunRecord } from '../runs/run-record.ts';

/** A record of the ledger or of the run log that was written, and when: seconds of Cosmos DB's own clock. */
export type Change = { readonly at: number } & (
  | { readonly kind: 'file'; readonly record: FileRecord }
  | { readonly kind: 'run'; readonly record: RunRecord }
);

/** What was written lately. */
export interface Changes {
  /** Everything written at or after a second, oldest first. */
  since(second: number): Promise<readonly Change[]>;
  /** A reader that gives each change once, from a second on. */
  reader(second: number): ChangeReader;
}

/** Gives what was written since it was asked last. */
export interface ChangeReader {
  next(): Promise<readonly Change[]>;
}

interface Stamped {
  readonly id: string;
  readonly _ts: number;
  readonly _etag: string;
}

/** One partition of one container. */
interface Source {
  readonly container: Container;
  readonly kind: Change['kind'];
  readonly partitionKey: string;
}

/**
 * Reads changes by `_ts`, which Cosmos DB sets at each write and indexes: one query a partition, for what is new.
 * (Its change feed would need a lease or a token for each partition, and gives every version of a partition's documents.)
 */
export function createChanges(files: Container, runs: Container, datasets: readonly string[]): Changes {
  const sources: readonly Source[] = [
    ...[...datasets, NO_DATASET].map((partitionKey) => ({ container: files, kind: 'file' as const, partitionKey })),
    ...datasets.map((partitionKey) => ({ container: runs, kind: 'run' as const, partitionKey })),
  ];
  return {
    since: async (second) => inOrder((await Promise.all(sources.map((source) => read(source, second)))).flat()),
    reader(second) {
      const readers = sources.map((source) => createSourceReader(source, second));
      return { next: async () => inOrder((await Promise.all(readers.map((next) => next()))).flat()) };
    },
  };
}

/** `_ts` counts whole seconds: the last second is asked for again, and what was given out of it is left away. */
function createSourceReader(source: Source, from: number): () => Promise<readonly Found[]> {
  let second = from;
  let seen = new Map<string, string>();
  return async () => {
    const found = await read(source, second);
    const fresh = found.filter(({ id, etag }) => seen.get(id) !== etag);
    const last = Math.max(second, ...found.map(({ change }) => change.at));
    const ofLast = found.filter(({ change }) => change.at === last).map(({ id, etag }) => [id, etag] as const);
    seen = new Map(last === second ? [...seen, ...ofLast] : ofLast);
    second = last;
    return fresh;
  };
}

interface Found {
  readonly id: string;
  readonly etag: string;
  readonly change: Change;
}

async function read({ container, kind, partitionKey }: Source, second: number): Promise<readonly Found[]> {
  const query = { query: 'SELECT * FROM c WHERE c._ts >= @second', parameters: [{ name: '@second', value: second }] };
  const { resources } = await container.items
    .query<(FileRecord | RunRecord) & Stamped>(query, { partitionKey })
    .fetchAll();
  return resources.map((document) => ({
    id: document.id,
    etag: document._etag,
    change: { at: document._ts, kind, record: plain(document) } as Change,
  }));
}

function inOrder(found: readonly Found[]): readonly Change[] {
  return found.map(({ change }) => change).sort((a, b) => a.at - b.at);
}
