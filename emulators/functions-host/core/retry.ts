import type { RegisteredFunction } from './function-registry.ts';
import type { InvocationInput, Invoker } from './invoker.ts';
import { messageOf, stackOf } from './logger.ts';
import type { RpcRetryContext, RpcRetryOptions } from './rpc-types.ts';

/**
 * The wait before retry number `retry`, which counts from 1.
 * Source: "Azure Functions error handling and retries", retry policies.
 */
export function retryDelayMs(options: RpcRetryOptions, retry: number): number {
  if (options.retryStrategy === 'exponentialBackoff') {
    const low = (options.minimumInterval?.seconds ?? 0) * 1000;
    const high = (options.maximumInterval?.seconds ?? Number.POSITIVE_INFINITY) * 1000;
    return Math.min(Math.max(low, 1) * 2 ** (retry - 1), Math.max(high, low));
  }
  return (options.delayInterval?.seconds ?? 0) * 1000;
}

/**
 * Calls a function, and again when it fails, as its `retry` option says. For triggers whose source does not resend.
 * @param stopped asked before each retry; no more come once it says so.
 */
export async function invokeWithRetry(
  invoker: Invoker,
  target: RegisteredFunction,
  input: InvocationInput,
  stopped: () => boolean,
): Promise<void> {
  const options = target.metadata.retryOptions;
  const maxRetryCount = options?.maxRetryCount ?? 0;
  let retryContext: RpcRetryContext | undefined;
  for (let retry = 1; ; retry++) {
    try {
      await invoker.invoke(target, { ...input, ...(retryContext === undefined ? {} : { retryContext }) });
      return;
    } catch (error) {
      const isLast = maxRetryCount >= 0 && retry > maxRetryCount; // -1 stands for no limit
      if (options === undefined || isLast || stopped()) {
        throw error;
      }
      const exception = { message: messageOf(error), source: '', stackTrace: stackOf(error) };
      retryContext = { retryCount: retry, maxRetryCount, exception };
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs(options, retry)));
    }
  }
}
