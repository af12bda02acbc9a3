import { callerInApp } from './app-stack.ts';
import { HostSetupError } from './errors.ts';
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
  /** Where the app registered it, as `/path/file.js:12:3`, if that can be told. */
  readonly place: string | undefined;
}

function systemError(message: string): Error {
  return Object.assign(new HostSetupError(message), { isAzureFunctionsSystemError: true });
}

const at = (place: string | undefined) => (place === undefined ? '' : ` at ${place}`);

/** The functions of the app, by name, which matches in any case. Locked once the app has started. */
export class FunctionRegistry {
  readonly #functions = new Map<string, RegisteredFunction>();
  #locked = false;
  readonly disabled: RegisteredFunction[] = [];

  /** @throws when the app has started, the name is taken, or there is not exactly one trigger. */
  add(metadata: FunctionMetadata, callback: FunctionCallback): RegisteredFunction {
    if (this.#locked) {
      throw systemError(`A function can only be registered during app startup: "${metadata.name}" came too late.`);
    }
    const key = metadata.name.toLowerCase();
    const place = callerInApp();
    const other = this.#functions.get(key);
    if (other !== undefined) {
      throw systemError(
        `two functions are named "${metadata.name}", whose case does not count: ` +
          `one registered${at(other.place)}, one${at(place)}: rename one`,
      );
    }
    const triggers = Object.entries(metadata.bindings).filter(([, binding]) => /trigger$/i.test(binding.type));
    const [trigger] = triggers;
    if (trigger === undefined || triggers.length > 1) {
      throw systemError(
        `the function "${metadata.name}"${at(place)} must have one trigger, and has ${triggers.length}`,
      );
    }
    const [triggerName, binding] = trigger;
    const id = metadata.functionId ?? metadata.name;
    const registered = { id, name: metadata.name, metadata, callback, triggerName, trigger: binding, place };
    this.#functions.set(key, registered);
    return registered;
  }

  lock(): void {
    this.#locked = true;
  }

  /** Takes a function away. */
  remove(name: string): void {
    this.#functions.delete(name.toLowerCase());
  }

  /** Takes a function away because a setting disables it; it is still told of. */
  disable(target: RegisteredFunction): void {
    this.remove(target.name);
    this.disabled.push(target);
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
