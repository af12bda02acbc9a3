import type { HttpHandler, HttpRequest, HttpResponse, HttpResponseInit, InvocationContext } from '@azure/functions';
import { messageOf, statusOf } from '../errors.ts';
import { problem, RequestProblem } from './problem.ts';

/** Wraps a handler so that what it throws becomes a problem document: bad requests say why, errors of ours are logged. */
export function answering(
  handler: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit | HttpResponse>,
): HttpHandler {
  return async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      if (error instanceof RequestProblem) {
        if (error.status >= 500 && error.cause !== undefined) context.error(messageOf(error)); // the cause is for the log
        return problem(error.status, error.message, error.headers);
      }
      if (request.query.has('cursor') && isInvalidContinuation(error)) {
        return problem(400, 'cursor is not one that this API gave out; leave it away to start from the beginning.');
      }
      context.error(messageOf(error));
      return problem(
        500,
        `The request failed on our side. The log has the cause under invocation ${context.invocationId}.`,
      );
    }
  };
}

/** Our own stores say it by name, Cosmos DB by its status. */
function isInvalidContinuation(error: unknown): boolean {
  return statusOf(error) === 400 || (error instanceof Error && error.name === 'InvalidContinuation');
}
