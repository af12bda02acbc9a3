import type { FunctionCallback, FunctionMetadata, RpcBinding } from './rpc-types.ts';

/** A function of the app as the host sees it. */
export interface RegisteredFunction {
  readonly id: string;
  readonly name: string;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
  /** The name of its trigger binding. */
  readonly triggerName: string;
  readonly trigger: RpcBinding;
}

function systemError(message: string): Error {
  return Object.assign(new Error(message), { isAzureFunctionsSystemError: true });
}

/** The functions of the app, by name, which matches in any case. Locked once the app has started. */
export class FunctionRegistry {
  readonly #functions = new Map<string, RegisteredFunction>();
  #locked = false;

  /** @throws when the app has started, the name is taken, or there is not exactly one trigger. */
  add(metadata: FunctionMetadata, callback: FunctionCallback): RegisteredFunction {
    if (this.#locked) {
      throw systemError(`A function can only be registered during app startup: "${metadata.name}" came too late.`);
    }
    const key = metadata.name.toLowerCase();
    if (this.#functions.has(key)) {
      throw systemError(`A function with id "${metadata.functionId ?? metadata.name}" has already been registered.`);
    }
    const triggers = Object.entries(metadata.bindings).filter(([, binding]) => /trigger$/i.test(binding.type));
    const [trigger] = triggers;
    if (trigger === undefined || triggers.length > 1) {
      throw systemError(`The function "${metadata.name}" must have one trigger, and has ${triggers.length}.`);
    }
    const [triggerName, binding] = trigger;
    const id = metadata.functionId ?? metadata.name;
    const registered = { id, name: metadata.name, metadata, callback, triggerName, trigger: binding };
    this.#functions.set(key, registered);
    return registered;
  }

  lock(): void {
    this.#locked = true;
  }

  /** Takes a function away, because a setting disables it. */
  remove(name: string): void {
    this.#functions.delete(name.toLowerCase());
  }

  all(): RegisteredFunction[] {
    return [...this.#functions.values()];
  }

  /** The functions whose trigger is of this type, such as `httpTrigger`. */
  withTrigger(type: string): RegisteredFunction[] {
    return this.all().filter((candidate) => candidate.trigger.type.toLowerCase() === type.toLowerCase());
  }

  /** The function of that name and trigger type, if there is one. */
  find(name: string, triggerType?: string): RegisteredFunction | undefined {
    const found = this.#functions.get(name.toLowerCase());
    const matches = triggerType === undefined || found?.trigger.type.toLowerCase() === triggerType.toLowerCase();
    return matches ? found : undefined;
  }
}
