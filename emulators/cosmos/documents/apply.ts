import {
  createOperation,
  deleteOperation,
  type OperationResult,
  patchOperation,
  type Resource,
  readOperation,
  replaceOperation,
  upsertOperation,
} from '../engine.ts';
import type { DocumentChange } from '../store/journal.ts';
import type { Container } from './container.ts';
import { parsePartitionHeader, partitionOf, partitionPath } from './partition-key.ts';

/** One operation on a document, as a request or as an item of a bulk or batch request. */
export interface Operation {
  readonly operationType: string;
  readonly id?: string;
  /** The partition key as JSON text, `["value"]`. */
  readonly partitionKey: string | undefined;
  readonly resourceBody?: unknown;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

/** The result of an operation and what it changed. */
export interface Applied {
  readonly result: OperationResult;
  readonly change?: DocumentChange;
  /** Puts the document back as it was; for a transaction that fails later. */
  readonly undo?: () => void;
}

type Fields = Record<string, unknown>;

const failure = (statusCode: number, code: string, message: string): Applied => ({
  result: { statusCode, body: { code, message } },
});
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Carries out one operation in memory. */
export function applyOperation(container: Container, operation: Operation): Applied {
  const { collection } = container;
  const header = parsePartitionHeader(operation.partitionKey);
  if (header === undefined || operation.partitionKey === undefined) {
    return failure(400, 'BadRequest', 'The partition key in x-ms-documentdb-partitionkey is missing or malformed.');
  }
  const partitionKey = operation.partitionKey;
  const body = operation.resourceBody;
  const id = operation.id ?? (isFields(body) && typeof body.id === 'string' ? body.id : undefined);
  if (id === undefined || id === '') return failure(400, 'BadRequest', 'The required property id is missing.');

  const writesBody = ['Create', 'Upsert', 'Replace'].includes(operation.operationType);
  if (writesBody) {
    if (!isFields(body)) return failure(400, 'BadRequest', 'The document must be a JSON object.');
    if (typeof body.id !== 'string') return failure(400, 'BadRequest', "The document's id must be a string.");
    const path = partitionPath(collection);
    if (path !== undefined && partitionOf(body, path) !== header.value) {
      const message = "PartitionKey extracted from document doesn't match the one specified in the header.";
      return failure(400, 'BadRequest', message);
    }
  }
  // The library takes a null or absent partition for the id; so does its index, which this look-up must agree with.
  const before = collection.document(id, header.value ?? id).read() as Resource | undefined;
  const ifMatch = operation.ifMatch === '*' || operation.ifMatch === undefined ? {} : { ifMatch: operation.ifMatch };
  if (operation.operationType === 'Read' && before !== undefined && operation.ifNoneMatch === before._etag) {
    return { result: { statusCode: 304 } };
  }
  if (operation.operationType === 'Upsert' && operation.ifNoneMatch === '*' && before !== undefined) {
    return failure(409, 'Conflict', 'Entity with the specified id already exists in the system.');
  }

  const result = run();
  if (result.statusCode >= 400 || operation.operationType === 'Read') return { result };
  if (operation.operationType === 'Delete') {
    if (before === undefined) return { result };
    return { result, change: container.removed(before), undo: () => putBack(before) };
  }
  const document = result.body as Resource;
  return {
    result,
    change: container.stored(document),
    undo: () => {
      collection.documents.delete(document.id, collection.documents._getPartition(document));
      container.removed(document);
      if (before !== undefined) putBack(before);
    },
  };

  function putBack(document: Resource): void {
    collection.documents._set({ _self: '', ...document });
    container.stored(document);
  }

  function run(): OperationResult {
    const input = { partitionKey, ...ifMatch };
    const document = (isFields(body) ? body : {}) as Parameters<typeof upsertOperation>[1]['resourceBody'];
    switch (operation.operationType) {
      case 'Create':
        return createOperation(collection, { resourceBody: document });
      case 'Upsert':
        return upsertOperation(collection, { ...input, resourceBody: document });
      case 'Replace':
        return replaceOperation(collection, { ...input, resourceBody: document });
      case 'Read':
        return readOperation(collection, { partitionKey, id: id ?? '' });
      case 'Delete':
        return deleteOperation(collection, { ...input, id: id ?? '' });
      case 'Patch':
        return patch();
      default:
        return {
          statusCode: 400,
          body: { code: 'BadRequest', message: `Unknown operation '${operation.operationType}'.` },
        };
    }
  }

  function patch(): OperationResult {
    const operations = Array.isArray(body) ? body : isFields(body) ? body.operations : undefined;
    if (!Array.isArray(operations) || operations.length === 0 || operations.length > 10) {
      return { statusCode: 400, body: { code: 'BadRequest', message: 'A patch has one to ten operations.' } };
    }
    const condition = isFields(body) && typeof body.condition === 'string' ? { condition: body.condition } : {};
    return patchOperation(collection, { partitionKey, ...ifMatch, ...condition, id: id ?? '', operations });
  }
}
