import type { Answer } from '../http/answer.ts';
import { refuse } from '../http/answer.ts';
import type { DocumentChange } from '../store/journal.ts';
import { type Applied, applyOperation, type Operation } from './apply.ts';
import type { Container } from './container.ts';

const MAX_OPERATIONS = 100;

/** How a list of operations is to be run. */
export interface BatchMode {
  /** All or nothing. */
  readonly atomic: boolean;
  /** Whether later operations run after one has failed (bulk). */
  readonly continueOnError: boolean;
  /** The partition of operations that name none. */
  readonly partitionKey: string | undefined;
}

/**
 * Runs a bulk or transactional batch request. Each item answers for itself; in a transaction a failure takes all of it back,
 * and the others answer 424. Source: the service's batch protocol as spoken by its SDKs.
 */
export function runBatch(
  container: Container,
  body: unknown,
  mode: BatchMode,
): { answer: Answer; changes: DocumentChange[] } {
  if (!Array.isArray(body))
    return { answer: refuse(400, 'BadRequest', 'The body must be a list of operations.'), changes: [] };
  if (body.length > MAX_OPERATIONS) {
    const message = `Batch request has more operations than what is supported (${MAX_OPERATIONS}).`;
    return { answer: refuse(400, 'BadRequest', message), changes: [] };
  }
  const applied: Applied[] = [];
  let failedAt = -1;
  for (const [index, item] of body.entries()) {
    if (failedAt >= 0 && !mode.continueOnError) {
      applied.push({ result: { statusCode: 424 } });
      continue;
    }
    const one = applyOperation(container, toOperation(item, mode.partitionKey));
    applied.push(one);
    if (one.result.statusCode >= 400 && failedAt < 0) failedAt = index;
  }
  const rolledBack = mode.atomic && failedAt >= 0;
  if (rolledBack) for (const { undo } of applied.toReversed()) undo?.();
  const results = applied.map(({ result }, index) => {
    if (rolledBack && index !== failedAt) return { statusCode: 424, requestCharge: 0 };
    if (result.statusCode >= 400) return { statusCode: result.statusCode, requestCharge: 0 };
    return { statusCode: result.statusCode, requestCharge: 1, eTag: result.body?._etag, resourceBody: result.body };
  });
  const changes = rolledBack ? [] : applied.flatMap(({ change }) => (change === undefined ? [] : [change]));
  return { answer: { status: failedAt >= 0 ? 207 : 200, body: results }, changes };
}

function toOperation(item: unknown, partitionKey: string | undefined): Operation {
  const fields: Record<string, unknown> = typeof item === 'object' && item !== null ? { ...item } : {};
  const text = (name: string): Record<string, string> =>
    typeof fields[name] === 'string' ? { [name]: fields[name] } : {};
  return {
    operationType: String(fields.operationType),
    partitionKey: typeof fields.partitionKey === 'string' ? fields.partitionKey : partitionKey,
    resourceBody: fields.resourceBody,
    ...text('id'),
    ...text('ifMatch'),
    ...text('ifNoneMatch'),
  };
}
