import type { TimeSpan } from './time-span.ts';

/** A call took longer than `functionTimeout` of host.json allows. */
export class FunctionTimeoutError extends Error {
  constructor(functionName: string, invocationId: string, limit: TimeSpan) {
    super(
      `Timeout value of ${limit.text} exceeded by function 'Functions.${functionName}' (Id: '${invocationId}'). Initiating cancellation.`,
    );
    this.name = 'FunctionTimeoutError';
  }
}

/**
 * What `work` gives, or a FunctionTimeoutError once it has taken too long. The code of the function cannot be stopped: what it
 * does afterwards, and what it gives, is ignored.
 */
export function withFunctionTimeout<T>(
  work: Promise<T>,
  limit: TimeSpan,
  functionName: string,
  invocationId: string,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timeout = setTimeout(
      () => reject(new FunctionTimeoutError(functionName, invocationId, limit)),
      Math.min(limit.milliseconds, 2 ** 31 - 1),
    );
    work.then(
      (result) => {
        clearTimeout(timeout);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timeout);
        reject(error);
      },
    );
  });
}
