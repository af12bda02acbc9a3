import { send, text } from './messages.ts';
import type { Handler } from './server.ts';

/** `maxConcurrentRequests` and `maxOutstandingRequests` of `extensions.http`; undefined is no limit. */
export interface RequestLimits {
  readonly concurrent: number | undefined;
  /** How many may be in work or wait; those beyond are answered 429. */
  readonly outstanding: number | undefined;
}

/**
 * Has only so many requests at work at once, and lets only so many wait.
 * Source: azure-functions-host, `WebHost/Middleware/HttpThrottleMiddleware.cs`.
 */
export function withRequestLimits({ concurrent, outstanding }: RequestLimits, next: Handler): Handler {
  if (concurrent === undefined && outstanding === undefined) {
    return next;
  }
  const waiting: (() => void)[] = [];
  let present = 0;
  let working = 0;
  return async (request, response, url) => {
    if (outstanding !== undefined && present >= outstanding) {
      send(request, response, text(429));
      return;
    }
    present++;
    if (concurrent !== undefined && working >= concurrent) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      working++;
    }
    try {
      await next(request, response, url);
    } finally {
      present--;
      const first = waiting.shift();
      if (first === undefined) {
        working--;
      } else {
        first(); // it takes over the place
      }
    }
  };
}
