import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Answer } from '../http/answer.ts';
import { refuse } from '../http/answer.ts';
import { readJson } from '../http/read-json.ts';
import type { DocumentChange, Journal } from '../store/journal.ts';
import { type Applied, applyOperation } from './apply.ts';
import { runBatch } from './batch.ts';
import { readChangeFeed } from './change-feed.ts';
import type { Container } from './container.ts';
import { parsePartitionHeader } from './partition-key.ts';
import { type QueryRequest, runQuery } from './query.ts';

// Where a client leaves the page's size to the service (absent, or -1).
const DEFAULT_PAGE = 1000;

const BY_METHOD: Readonly<Record<string, string>> = { GET: 'Read', PUT: 'Replace', PATCH: 'Patch', DELETE: 'Delete' };

const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};
const isTrue = (headers: IncomingHttpHeaders, name: string): boolean => header(headers, name)?.toLowerCase() === 'true';

/** Answers a request below `…/docs` once what it changed is on disk. */
export async function answerDocuments(
  container: Container,
  journal: Journal,
  incoming: IncomingMessage,
  id: string | undefined,
): Promise<Answer> {
  const body = incoming.method === 'POST' || incoming.method === 'PUT' || incoming.method === 'PATCH';
  const content = body ? await readJson(incoming) : undefined;
  const expired = container.expire();
  const { answer, changes } = carryOut(container, incoming, id, content);
  const all = [...expired, ...changes];
  if (all.length > 0) await journal.write(all);
  return answer;
}

function carryOut(
  container: Container,
  { method = 'GET', headers }: IncomingMessage,
  id: string | undefined,
  content: unknown,
): { answer: Answer; changes: DocumentChange[] } {
  const unchanged = (answer: Answer): { answer: Answer; changes: DocumentChange[] } => ({ answer, changes: [] });
  const partitionKey = header(headers, 'x-ms-documentdb-partitionkey');

  if (id === undefined && method === 'GET') {
    const all = toQuery(headers, { query: 'SELECT * FROM c' }, true);
    const answer =
      headers['a-im'] === undefined
        ? runQuery(container, all)
        : readChangeFeed(container, all.partition, headers, all.maxItemCount);
    return unchanged(answer);
  }
  if (id === undefined && method !== 'POST')
    return unchanged(refuse(405, 'MethodNotAllowed', `${method} is not possible here.`));
  if (id === undefined) {
    if (isTrue(headers, 'x-ms-documentdb-isquery') || headers['content-type'] === 'application/query+json') {
      if (
        typeof content !== 'object' ||
        content === null ||
        !('query' in content) ||
        typeof content.query !== 'string'
      ) {
        return unchanged(refuse(400, 'BadRequest', 'The query is missing.'));
      }
      const crossPartition = isTrue(headers, 'x-ms-documentdb-query-enablecrosspartition');
      return unchanged(runQuery(container, toQuery(headers, content, crossPartition)));
    }
    if (isTrue(headers, 'x-ms-cosmos-is-batch-request')) {
      return runBatch(container, content, {
        atomic: isTrue(headers, 'x-ms-cosmos-batch-atomic'),
        continueOnError: isTrue(headers, 'x-ms-cosmos-batch-continue-on-error'),
        partitionKey,
      });
    }
  }
  const posted = isTrue(headers, 'x-ms-documentdb-is-upsert') ? 'Upsert' : 'Create';
  const operationType = id === undefined ? posted : BY_METHOD[method];
  if (operationType === undefined) return unchanged(refuse(405, 'MethodNotAllowed', `${method} is not possible here.`));
  const ifMatch = header(headers, 'if-match');
  const ifNoneMatch = header(headers, 'if-none-match');
  const applied = applyOperation(container, {
    operationType,
    partitionKey,
    ...(id === undefined ? {} : { id }),
    ...(content === undefined ? {} : { resourceBody: content }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
  });
  return { answer: toAnswer(applied), changes: applied.change === undefined ? [] : [applied.change] };
}

function toAnswer({ result: { statusCode, body } }: Applied): Answer {
  if (body !== undefined && Object.keys(body).length === 0) {
    return refuse(statusCode, 'NotFound', 'Entity with the specified id does not exist in the system.');
  }
  return { status: statusCode, ...(body === undefined ? {} : { body }) };
}

function toQuery(headers: IncomingHttpHeaders, content: object, crossPartition: boolean): QueryRequest {
  const parameters = 'parameters' in content && Array.isArray(content.parameters) ? content.parameters : [];
  const count = Number.parseInt(header(headers, 'x-ms-max-item-count') ?? '', 10);
  return {
    query: 'query' in content ? String(content.query) : '',
    parameters,
    partition: parsePartitionHeader(header(headers, 'x-ms-documentdb-partitionkey')),
    crossPartition,
    maxItemCount: count > 0 ? count : DEFAULT_PAGE,
    continuation: header(headers, 'x-ms-continuation'),
  };
}
