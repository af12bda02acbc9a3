import { HostSetupError } from '../core/errors.ts';
import type { FunctionRegistry } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';

/**
 * Calls the warmup function, if there is one, before the first request is taken. When it fails, that is logged, and the host
 * goes on.
 * Source: "Azure Functions warmup trigger".
 * @throws HostSetupError when there are several.
 */
export async function warmUp(registry: FunctionRegistry, invoker: Invoker): Promise<void> {
  const [target, ...more] = registry.withTrigger('warmupTrigger');
  if (more.length > 0) {
    throw new HostSetupError(
      `an app may have one warmup function, and has ${more.length + 1}: ${target?.name}, ${more[0]?.name}`,
    );
  }
  if (target !== undefined) {
    await invoker.invoke(target, { trigger: { json: '{}' } }).catch(() => undefined);
  }
}
