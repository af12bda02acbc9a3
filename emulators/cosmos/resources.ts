import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { type Container, createContainer } from './documents/container.ts';
import {
  type Account,
  type Collection,
  findRoute,
  ordinalOf,
  type Resource,
  restore,
  restoreFunction,
} from './engine.ts';
import { type Answer, NOT_FOUND, refuse } from './http/answer.ts';
import { readJson } from './http/read-json.ts';
import type { Journal, StoredResource } from './store/journal.ts';

/** Databases, containers and functions: the library's account in memory, the journal on disk. */
export interface Resources {
  container(databaseId: string, collectionId: string): Container | undefined;
  answer(incoming: IncomingMessage, response: ServerResponse, segments: readonly string[]): Promise<Answer>;
}

/** Fills an empty account from the journal, ETags and all. */
export function createResources(account: Account, journal: Journal): Resources {
  const changes = load(account, journal);
  const containers = new WeakMap<Collection, Container>();

  const collectionAt = (databaseId = '', collectionId = ''): Collection | undefined => {
    const database = account.database(databaseId);
    if (!database.read()) return undefined;
    const collection = database.collection(collectionId);
    return collection.read() ? collection : undefined;
  };
  const container = (databaseId: string, collectionId: string): Container | undefined => {
    const collection = collectionAt(databaseId, collectionId);
    if (collection === undefined) return undefined;
    const known =
      containers.get(collection) ??
      createContainer(collection, changes.get(collection), journal.lastChangeOf(collection.read()._rid));
    containers.set(collection, known);
    return known;
  };

  async function replaceContainer(collection: Collection, incoming: IncomingMessage): Promise<Answer> {
    const body = (await readJson(incoming)) as Resource;
    const before = collection.read();
    if (body.id !== before.id) return refuse(400, 'BadRequest', 'The id of a container cannot be changed.');
    const key = (value: unknown): unknown => (value as { paths?: unknown } | undefined)?.paths;
    if (!isDeepStrictEqual(key(body.partitionKey), key(before.partitionKey))) {
      return refuse(400, 'BadRequest', 'The partition key of a container cannot be changed.');
    }
    // The library would put an empty container in the place of this one; here its documents stay.
    const { _rid, _self } = before;
    const indexingPolicy = (body.indexingPolicy ?? before.indexingPolicy) as typeof before.indexingPolicy & object;
    const after = { ...body, indexingPolicy, _rid, _self, _etag: randomUUID(), _ts: Math.floor(Date.now() / 1000) };
    collection._data = after;
    containers.get(collection)?.recomputeExpiries();
    return { status: 200, body: after };
  }

  async function answer(
    incoming: IncomingMessage,
    response: ServerResponse,
    segments: readonly string[],
  ): Promise<Answer> {
    const [, databaseId, , collectionId, kind] = segments;
    if (databaseId !== undefined && segments.length > 2 && !account.database(databaseId).read()) return NOT_FOUND;
    const collection = collectionAt(databaseId, collectionId);
    if (kind !== undefined && collection === undefined) return NOT_FOUND;

    const isContainer = segments.length === 4;
    if (isContainer && incoming.method === 'PUT') {
      if (collection === undefined) return NOT_FOUND;
      const replaced = await replaceContainer(collection, incoming);
      if (replaced.status === 200) await keep(segments, replaced.body);
      return replaced;
    }
    const route = findRoute(incoming);
    if (route === undefined)
      return refuse(400, 'BadRequest', `${incoming.method} ${incoming.url} is not supported by this emulator.`);

    const doomed = incoming.method === 'DELETE' ? find(segments) : undefined;
    const body = await route.handler(account, incoming, response, route.params);
    const status = response.statusCode;
    if (status === 201 && segments.length === 3 && isHierarchical(body)) {
      account.database(databaseId ?? '').collections.delete(body.id, body.id);
      return refuse(400, 'BadRequest', 'This emulator has no partition keys of several levels: use one path.');
    }
    if (status < 300 && doomed !== undefined) await journal.deleteResource(doomed._rid);
    else if (status < 300 && incoming.method !== 'GET' && isResource(body)) await keep(segments, body);
    if (status >= 400 && (body === undefined || !hasMessage(body))) return { ...NOT_FOUND, status };
    return { status, body, headers: headersOf(response) };
  }

  /** Journals a resource that a POST to its feed or a PUT to itself has given. */
  async function keep(segments: readonly string[], body: unknown): Promise<void> {
    if (!isResource(body)) return;
    const feed = segments.length % 2 === 1 ? segments.at(-1) : segments.at(-2);
    const [, databaseId = '', , collectionId = ''] = segments;
    const stored: StoredResource | undefined =
      feed === 'dbs'
        ? { kind: 'db', parent: '', resource: body }
        : feed === 'colls'
          ? { kind: 'coll', parent: account.database(databaseId).read()._rid, resource: body }
          : feed === 'udfs'
            ? { kind: 'udf', parent: collectionAt(databaseId, collectionId)?.read()._rid ?? '', resource: body }
            : undefined;
    if (stored !== undefined) await journal.putResource(stored);
  }

  function find(segments: readonly string[]): Resource | undefined {
    const [, databaseId = '', , collectionId = '', kind, id = ''] = segments;
    if (segments.length === 2) return account.database(databaseId).read() as Resource | undefined;
    const collection = collectionAt(databaseId, collectionId);
    if (kind === undefined) return collection?.read() as Resource | undefined;
    return collection?.userDefinedFunction(id).read() as Resource | undefined;
  }

  return { container, answer };
}

/** Loads everything; gives the change numbers of each collection's documents. */
function load(account: Account, journal: Journal): WeakMap<Collection, Map<string, number>> {
  const changes = new WeakMap<Collection, Map<string, number>>();
  const databases = new Map<string, string>();
  const collections = new Map<string, Collection>();
  for (const { resource } of journal.listResources('db')) {
    restore(account.databases, resource, ordinalOf('db', resource._rid));
    databases.set(resource._rid, resource.id);
  }
  for (const { parent, resource } of journal.listResources('coll')) {
    const database = account.database(databases.get(parent) ?? '');
    restore(database.collections, resource, ordinalOf('coll', resource._rid));
    const collection = database.collection(resource.id);
    collections.set(resource._rid, collection);
    const lsns = new Map<string, number>();
    changes.set(collection, lsns);
    for (const { document, lsn } of journal.documentsOf(resource._rid)) {
      restore(collection.documents, document, ordinalOf('doc', document._rid));
      lsns.set(document._rid, lsn);
    }
  }
  for (const { parent, resource } of journal.listResources('udf')) {
    const collection = collections.get(parent);
    if (collection !== undefined) restoreFunction(collection, resource, ordinalOf('udf', resource._rid));
  }
  return changes;
}

function isResource(body: unknown): body is Resource {
  return typeof body === 'object' && body !== null && '_rid' in body && 'id' in body;
}

function hasMessage(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'message' in body;
}

function headersOf(response: ServerResponse): Record<string, string> {
  const entries = Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)] as const);
  for (const [name] of entries) response.removeHeader(name);
  return Object.fromEntries(entries);
}

function isHierarchical(body: unknown): body is Resource {
  return isResource(body) && ((body.partitionKey as { paths?: unknown[] } | undefined)?.paths?.length ?? 0) > 1;
}
