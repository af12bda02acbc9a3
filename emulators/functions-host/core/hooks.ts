import type { LogLevel } from './rpc-types.ts';

/** What a hook is called with; the library wraps it in its own class. */
export type HookContext = Record<string, unknown>;
export type HookCallback = (context: HookContext) => unknown;

const hookNames = ['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log'] as const;
export type HookName = (typeof hookNames)[number];

function isHookName(name: string): name is HookName {
  return (hookNames as readonly string[]).includes(name);
}

/** The hooks that an app registered. `run` awaits them in order, and an exception stops the rest. */
export class HookRegistry {
  readonly #hooks = new Map<HookName, HookCallback[]>();
  readonly #appHookData: Record<string, unknown> = {};

  /**
   * Adds a hook and gives the function that takes it away again.
   * @throws RangeError marked as a system error when there is no hook of that name.
   */
  add(name: string, callback: HookCallback): () => void {
    if (!isHookName(name)) {
      throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true });
    }
    const callbacks = this.#hooks.get(name) ?? [];
    this.#hooks.set(name, callbacks);
    callbacks.push(callback);
    return () => {
      const index = callbacks.indexOf(callback);
      if (index >= 0) {
        callbacks.splice(index, 1);
      }
    };
  }

  has(name: HookName): boolean {
    return (this.#hooks.get(name)?.length ?? 0) > 0;
  }

  async run(name: HookName, context: HookContext): Promise<void> {
    for (const callback of [...(this.#hooks.get(name) ?? [])]) {
      await callback(context);
    }
  }

  /** Lets the log hooks change a message before it is written; they cannot be awaited. */
  runLog(entry: { level: LogLevel; message: string; category: string }, invocationContext: unknown) {
    const context = this.context({ invocationContext }, { ...entry });
    for (const callback of [...(this.#hooks.get('log') ?? [])]) {
      callback(context);
    }
    return { level: context.level as LogLevel, message: String(context.message) };
  }

  /**
   * The context of one hook call: `hookData` and `appHookData` besides `readonly` may be read only, `mutable` may be
   * replaced by the hook.
   */
  context(readonly: HookContext, mutable: HookContext, hookData: Record<string, unknown> = {}): HookContext {
    const context: HookContext = mutable;
    for (const [name, value] of Object.entries({ ...readonly, hookData, appHookData: this.#appHookData })) {
      Object.defineProperty(context, name, {
        enumerable: true,
        get: () => value,
        set: () => {
          throw Object.assign(new Error(`Cannot assign to read only property '${name}'`), {
            isAzureFunctionsSystemError: true,
          });
        },
      });
    }
    return context;
  }
}
