import { type Change, type Journal, openJournal } from './journal.ts';

/** As much of LokiJS 1.5 as is changed here. */
export interface LokiModule {
  readonly prototype: { addCollection(name: string, options?: object): LokiCollection };
  readonly Collection: { readonly prototype: CollectionPrototype };
  readonly LokiFsAdapter: { readonly prototype: FsAdapter };
}

interface LokiDatabase {
  readonly filename: string;
}

interface LokiDocument {
  readonly $loki: number;
}

interface LokiCollection {
  readonly name: string;
  readonly data: readonly LokiDocument[];
}

interface CollectionPrototype {
  emit(event: string, ...data: unknown[]): unknown;
  removeBatchByPositions(positions: readonly number[]): unknown;
}

type Loaded = string | null | Error;

interface FsAdapter {
  loadDatabase(file: string, callback: (snapshot: Loaded) => void): void;
  saveDatabase(file: string, snapshot: string, callback: (error?: unknown) => void): void;
}

/** A snapshot as LokiJS writes it. */
interface Snapshot {
  readonly collections: {
    readonly name: string;
    data: LokiDocument[];
    idIndex: readonly number[] | null;
    maxId: number;
  }[];
}

/**
 * Makes LokiJS's file databases survive a kill. LokiJS writes a snapshot of everything some seconds after a change; here
 * each change is also appended to a journal at once, and the journal is laid over the snapshot when that is loaded.
 */
export function makeDurable(loki: LokiModule): void {
  const journals = new Map<string, Journal>();
  const journalOf = (file: string): Journal => {
    const journal = journals.get(file) ?? openJournal(file);
    journals.set(file, journal);
    return journal;
  };
  const databases = new WeakMap<LokiCollection, LokiDatabase>();
  const note = (collection: LokiCollection, documents: readonly LokiDocument[], gone: boolean): void => {
    const database = databases.get(collection);
    if (database === undefined) return;
    for (const document of documents) {
      const change: Change = { collection: collection.name, id: document.$loki };
      journalOf(database.filename).append(gone ? change : { ...change, document });
    }
  };

  const { addCollection } = loki.prototype;
  loki.prototype.addCollection = function (this: LokiDatabase, ...args) {
    const collection = addCollection.apply(this as never, args);
    databases.set(collection, this);
    return collection;
  };
  const { emit, removeBatchByPositions } = loki.Collection.prototype;
  loki.Collection.prototype.emit = function (this: LokiCollection, event, ...data) {
    if (event === 'insert' || event === 'update' || event === 'delete') {
      const [documents] = data as [LokiDocument | readonly LokiDocument[]];
      note(this, Array.isArray(documents) ? documents : [documents as LokiDocument], event === 'delete');
    }
    return emit.apply(this as never, [event, ...data]);
  };
  // A removal of many documents tells no one of them.
  loki.Collection.prototype.removeBatchByPositions = function (this: LokiCollection, positions) {
    const documents = positions.map((position) => this.data[position]).filter((document) => document !== undefined);
    note(this, documents, true);
    return removeBatchByPositions.call(this as never, positions);
  };
  const { loadDatabase, saveDatabase } = loki.LokiFsAdapter.prototype;
  loki.LokiFsAdapter.prototype.loadDatabase = function (file, callback) {
    loadDatabase.call(this, file, (snapshot) => callback(recover(snapshot, journalOf(file))));
  };
  loki.LokiFsAdapter.prototype.saveDatabase = function (file, snapshot, callback) {
    const forget = journalOf(file).rotate();
    saveDatabase.call(this, file, snapshot, (error) => {
      if (error === undefined || error === null) forget();
      callback(error);
    });
  };
}

/** Lays the journal over a snapshot. Without a snapshot there was no database yet that anyone could write to. */
function recover(text: Loaded, journal: Journal): Loaded {
  if (typeof text !== 'string' || text === '') {
    journal.clear();
    return text;
  }
  const changes = journal.read();
  if (changes.length === 0) return text;
  const snapshot = JSON.parse(text) as Snapshot;
  for (const collection of snapshot.collections) {
    const documents = new Map(collection.data.map((document) => [document.$loki, document]));
    for (const { id, document } of changes.filter((change) => change.collection === collection.name)) {
      if (document === undefined) documents.delete(id);
      else documents.set(id, document as LokiDocument);
      collection.maxId = Math.max(collection.maxId, id);
    }
    collection.data = [...documents.values()];
    collection.idIndex = collection.data.map(({ $loki }) => $loki);
  }
  // What LokiJS takes for an old version's it indexes anew.
  return JSON.stringify({ ...snapshot, databaseVersion: 1 });
}
