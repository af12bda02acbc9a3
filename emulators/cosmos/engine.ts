import type { IncomingMessage, ServerResponse } from 'node:http';
import accountModule from '@vercel/cosmosdb-server/lib/account/index.js';
import documentOperations from '@vercel/cosmosdb-server/lib/handler/_document-operations.js';
import patchOperations from '@vercel/cosmosdb-server/lib/handler/_patch-operations.js';
import routesModule from '@vercel/cosmosdb-server/lib/routes.js';

// The one place that reaches into @vercel/cosmosdb-server: its in-memory account, its operations on documents and its
// routes for databases, containers and functions.

/** A stored resource. */
export type Resource = Record<string, unknown> & {
  readonly id: string;
  readonly _rid: string;
  readonly _etag?: string;
  readonly _ts?: number;
};

/** What an operation answers. */
export interface OperationResult {
  readonly statusCode: number;
  readonly body?: Record<string, unknown>;
}

export type Account = InstanceType<typeof accountModule.default>;
export type Database = ReturnType<Account['database']>;
export type Collection = ReturnType<Database['collection']>;

/** A handler of the library: reads the request, sets the status and gives the body. */
export type RouteHandler = (
  account: Account,
  request: IncomingMessage,
  response: ServerResponse,
  params: Readonly<Record<string, string>>,
) => unknown;

export const { createOperation, deleteOperation, readOperation, replaceOperation, upsertOperation } =
  documentOperations;
export const { patchOperation } = patchOperations;

/** An empty account that announces itself at a plain http address. */
export function createAccount(host: string, port: number): Account {
  const account = new accountModule.default(host, port);
  const locations = [{ name: 'Local', databaseAccountEndpoint: `http://${host}:${port}/` }];
  Object.assign(account.read(), { writableLocations: locations, readableLocations: locations });
  return account;
}

/** The library's handler for a request, if it has a route for it. */
export function findRoute(
  request: IncomingMessage,
): { params: Record<string, string>; handler: RouteHandler } | undefined {
  const found = routesModule.default(request) as [Record<string, string>, RouteHandler] | undefined;
  return found && { params: found[0], handler: found[1] };
}

/** Puts a resource back as it was, with its `_rid`, `_etag` and `_ts`, and keeps later ones from getting the same `_rid`. */
export function restore(
  items: Database['collections'] | Account['databases'] | Collection['documents'],
  data: Resource,
  ordinal: number,
): void {
  items._set({ _self: '', ...data });
  items._ridCount = Math.max(items._ridCount, ordinal);
}

/** Puts a user-defined function back. */
export function restoreFunction(collection: Collection, data: Resource, ordinal: number): void {
  const functions = collection.userDefinedFunctions;
  // `create` is what compiles the body; the stored fields then replace the fresh ones.
  const fresh = functions.create({ id: data.id, body: String(data.body) });
  functions._data.delete(fresh._rid);
  functions._set({ _self: '', ...data });
  functions._ridCount = Math.max(functions._ridCount, ordinal);
}

/** The number that a resource's `_rid` was made from. */
export function ordinalOf(kind: 'db' | 'coll' | 'doc' | 'udf', rid: string): number {
  const bytes = Buffer.from(rid, 'base64');
  if (kind === 'db') return (bytes.readInt32BE(0) & 0x7fffffff) >>> 8;
  if (kind === 'coll') return bytes.readInt32BE(4) & 0x7fffffff;
  return bytes.readInt32LE(8);
}
