import type { RegisteredFunction } from './function-registry.ts';
import type { InvocationInput, Invoker } from './invoker.ts';
import { messageOf, stackOf } from './logger.ts';
import type { RpcRetryContext, RpcRetryOptions } from './rpc-types.ts';

/** The triggers that the Functions host retries itself; the others' sources send again. */
const retried = ['timertrigger', 'cosmosdbtrigger'];

/** The functions whose `retry` option has no effect, as in Azure. Source: "Azure Functions error handling and retries". */
export function withoutRetries(functions: readonly RegisteredFunction[]): RegisteredFunction[] {
  return functions.filter(
    ({ metadata, trigger }) => metadata.retryOptions !== undefined && !retried.includes(trigger.type.toLowerCase()),
  );
}

/**
 * The wait before retry number `retry`, which counts from 1.
 * Source: azure-webjobs-sdk, `Timers/RandomizedExponentialBackoffStrategy.cs`.
 * @param random from 0 to 1, spreads the waits of many hosts.
 */
export function retryDelayMs(options: RpcRetryOptions, retry: number, random = Math.random()): number {
  if (options.retryStrategy === 'exponentialBackoff') {
    const low = (options.minimumInterval?.seconds ?? 0) * 1000;
    const high = (options.maximumInterval?.seconds ?? Number.POSITIVE_INFINITY) * 1000;
    const growth = retry === 1 ? 0 : (0.8 + 0.4 * random) * 2 ** (retry - 2);
    return Math.round(Math.min(low + growth * low, Math.max(high, low)));
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
