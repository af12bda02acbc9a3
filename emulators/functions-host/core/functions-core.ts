import Module from 'node:module';
import type { FunctionRegistry } from './function-registry.ts';
import type { HookCallback, HookRegistry } from './hooks.ts';
import type { Logger } from './logger.ts';
import type { FunctionCallback, FunctionMetadata, LogLevel, ProgrammingModel } from './rpc-types.ts';

/** The version of the Functions host whose behaviour is emulated, which apps can read. */
export const emulatedHostVersion = '4.1048.0';
const emulatedWorkerVersion = '3.13.0';

class Disposable {
  #dispose: (() => void) | undefined;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) {
        disposable.dispose();
      }
    });
  }

  dispose(): void {
    this.#dispose?.();
    this.#dispose = undefined;
  }
}

/** Holds what the library sets once: its half of the worker. */
export interface FunctionsCore {
  readonly api: object;
  model(): ProgrammingModel | undefined;
}

/**
 * Makes the object that an app gets for `@azure/functions-core`.
 * Source: Azure/azure-functions-nodejs-worker, `src/setupCoreModule.ts`.
 */
export function createFunctionsCore(registry: FunctionRegistry, hooks: HookRegistry, logger: Logger): FunctionsCore {
  let model: ProgrammingModel | undefined;
  const api = {
    version: emulatedWorkerVersion,
    hostVersion: emulatedHostVersion,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      const registered = registry.add(metadata, callback);
      return new Disposable(() => registry.remove(registered.name));
    },
    registerHook: (name: string, callback: HookCallback) => new Disposable(hooks.add(name, callback)),
    setProgrammingModel(value: ProgrammingModel) {
      model = value;
    },
    getProgrammingModel: () => model,
    log: (level: LogLevel, category: string, message: string) =>
      logger.of(`Worker.${category}`).log(level, `[${category}] ${message}`),
    Disposable,
  };
  return { api, model: () => model };
}

type Require = (this: unknown, id: string) => unknown;

/**
 * Makes `require('@azure/functions-core')` give `api`, everywhere in this process, as the Node worker does. The library
 * is CommonJS, so that ES module apps get there too. One app a process: the library keeps the first object it gets.
 */
export function injectFunctionsCore(api: object): void {
  const prototype = Module.prototype as unknown as { require: Require };
  const original = prototype.require;
  prototype.require = function requireWithCore(id) {
    return id === '@azure/functions-core' ? api : original.call(this, id);
  };
}
