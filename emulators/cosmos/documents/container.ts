import type { Collection, Resource } from '../engine.ts';
import type { DocumentChange } from '../store/journal.ts';
import { createExpiries } from './expiries.ts';
import { bucketOf, partitionBucket } from './partition-key.ts';
import { createRidOrdered, type RidOrdered } from './rid-ordered.ts';

/** What this emulator keeps beside the library's collection: partitions in `_rid` order, expiries, and what to journal. */
export interface Container {
  readonly collection: Collection;
  readonly rid: string;
  /** Notes that the collection now holds this document. */
  stored(document: Resource): DocumentChange;
  /** Notes that a document has left the collection. */
  removed(document: Resource): DocumentChange;
  /** Documents of one partition, or of all. */
  documents(partition: { readonly value: unknown } | undefined): Resource[];
  /** The number of the last change in this container. */
  lastChange(): number;
  /** The number of a document's last change. */
  changeOf(rid: string): number;
  /** Takes expired documents out of the collection. */
  expire(): DocumentChange[];
  /** Works out all expiries again, after a change of the container's default. */
  recomputeExpiries(): void;
}

/** Wraps a collection; `changes` tells the change numbers of the documents that it already holds,
 * `lastKnown` the last that was given out. */
export function createContainer(
  collection: Collection,
  changes: ReadonlyMap<string, number> = new Map(),
  lastKnown = 0,
): Container {
  const rid = collection.read()._rid;
  const all = createRidOrdered();
  const partitions = new Map<string, RidOrdered>();
  const expiries = createExpiries();

  const lsns = new Map(changes);
  let last = [...lsns.values()].reduce((most, one) => Math.max(most, one), lastKnown);

  const place = (document: Resource): void => {
    all.put(document);
    const bucket = bucketOf(collection, document);
    const partition = partitions.get(bucket) ?? createRidOrdered();
    partitions.set(bucket, partition);
    partition.put(document);
    expiries.note(document, collection.read().defaultTtl);
  };
  const stored = (document: Resource): DocumentChange => {
    place(document);
    last += 1;
    lsns.set(document._rid, last);
    return { kind: 'put', container: rid, document, lsn: last };
  };
  const removed = (document: Resource): DocumentChange => {
    all.remove(document._rid);
    const bucket = bucketOf(collection, document);
    const partition = partitions.get(bucket);
    partition?.remove(document._rid);
    if (partition?.size === 0) partitions.delete(bucket);
    expiries.forget(document._rid);
    lsns.delete(document._rid);
    return { kind: 'delete', container: rid, rid: document._rid, lsn: last };
  };

  const byRid = (left: Resource, right: Resource): number => (left._rid < right._rid ? -1 : 1);
  const present = [...collection.documents._data.values()].map((item) => item.read() as Resource);
  for (const document of present.sort(byRid)) place(document);

  return {
    collection,
    rid,
    stored,
    removed,
    documents: (partition) =>
      partition === undefined ? all.all() : (partitions.get(partitionBucket(partition.value))?.all() ?? []),
    lastChange: () => last,
    changeOf: (changed) => lsns.get(changed) ?? 0,
    expire: () =>
      expiries.due(Math.floor(Date.now() / 1000)).flatMap((gone) => {
        const document = collection.documents._data.get(gone)?.read() as Resource | undefined;
        if (document === undefined) return [];
        collection.documents.delete(document.id, collection.documents._getPartition(document));
        return [removed(document)];
      }),
    recomputeExpiries: () => {
      for (const document of all.all()) expiries.note(document, collection.read().defaultTtl);
    },
  };
}
