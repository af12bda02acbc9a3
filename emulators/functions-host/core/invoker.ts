import { randomUUID } from 'node:crypto';
import type { RegisteredFunction } from './function-registry.ts';
import type { HookRegistry } from './hooks.ts';
import { createInvocationLog, type InvocationLog } from './invocation-log.ts';
import type { Logger } from './logger.ts';
import type {
  CoreInvocationContext,
  FunctionCallback,
  ProgrammingModel,
  RpcInvocationResponse,
  RpcParameterBinding,
  RpcRetryContext,
  RpcTypedData,
} from './rpc-types.ts';

/** What one call of a function is given. */
export interface InvocationInput {
  readonly invocationId?: string;
  readonly trigger: RpcTypedData | null | undefined;
  readonly triggerMetadata?: Readonly<Record<string, RpcTypedData>>;
  readonly retryContext?: RpcRetryContext;
  /** Shown the library's invocation context before the function is called. */
  readonly observe?: (context: unknown) => void;
}

/** The outputs of a call, and whether the function returned nothing at all. */
export interface InvocationOutput extends RpcInvocationResponse {
  readonly returnedNothing: boolean;
}

/** Gives the value of an extra input binding, such as a durable client; undefined when the host does not know its type. */
export type InputBinder = (type: string) => RpcTypedData | undefined;

/** Calls functions of the app in the sequence that the Node worker keeps. */
export class Invoker {
  readonly #model: ProgrammingModel;
  readonly #hooks: HookRegistry;
  readonly #logger: Logger;
  readonly #bindInput: InputBinder;
  readonly #logs = new Map<RegisteredFunction, InvocationLog>();
  #running = 0;

  constructor(model: ProgrammingModel, hooks: HookRegistry, logger: Logger, bindInput: InputBinder) {
    this.#model = model;
    this.#hooks = hooks;
    this.#logger = logger;
    this.#bindInput = bindInput;
  }

  /** How many calls have not returned. */
  get running(): number {
    return this.#running;
  }

  /** Calls the function and gives its outputs in the worker's wire format. Rethrows what the function throws. */
  async invoke(target: RegisteredFunction, input: InvocationInput): Promise<InvocationOutput> {
    return this.#logged(target, input, async (invocationId) => {
      const { model, context, result } = await this.#call(target, invocationId, input);
      const response = await model.getResponse(context, result);
      this.#refuseOutputs(target, response);
      return { ...response, returnedNothing: result === undefined || result === null };
    });
  }

  /**
   * Calls the function and gives the very object that it returned. Orchestrations need that: which task is which shows
   * in the identity of the objects, and no longer in their JSON.
   */
  async invokeRaw(target: RegisteredFunction, input: InvocationInput): Promise<unknown> {
    return this.#logged(target, input, async (invocationId) => (await this.#call(target, invocationId, input)).result);
  }

  async #logged<T>(
    target: RegisteredFunction,
    input: InvocationInput,
    call: (invocationId: string) => Promise<T>,
  ): Promise<T> {
    const invocationId = input.invocationId ?? randomUUID();
    const log = this.#logOf(target);
    const startedAt = performance.now();
    this.#running++;
    if (log.isOn) {
      log.started(invocationId);
    }
    try {
      const result = await call(invocationId);
      if (log.isOn) {
        log.succeeded(invocationId, startedAt);
      }
      return result;
    } catch (error) {
      log.failed(invocationId, startedAt, error);
      throw error;
    } finally {
      this.#running--;
    }
  }

  #logOf(target: RegisteredFunction): InvocationLog {
    let log = this.#logs.get(target);
    if (log === undefined) {
      log = createInvocationLog(target, this.#logger);
      this.#logs.set(target, log);
    }
    return log;
  }

  async #call(target: RegisteredFunction, invocationId: string, input: InvocationInput) {
    const core = this.#coreContext(target, invocationId, input);
    const model = await this.#model.getInvocationModel(core);
    const { context, inputs } = await model.getArguments();
    this.#invocationContexts.set(core, context);
    input.observe?.(context);
    if (!this.#hooks.has('preInvocation') && !this.#hooks.has('postInvocation')) {
      core.state = 'invocation';
      const result = await model.invokeFunction(context, inputs as unknown[], target.callback);
      core.state = undefined;
      return { model, context, result };
    }
    const hookData: Record<string, unknown> = {};
    core.state = 'preInvocationHooks';
    const before = this.#hooks.context(
      { invocationContext: context },
      { functionCallback: target.callback, inputs },
      hookData,
    );
    await this.#hooks.run('preInvocation', before);
    core.state = 'invocation';
    const callback = before.functionCallback as FunctionCallback;
    const finalInputs = before.inputs as unknown[];
    let result: unknown;
    let error: unknown;
    try {
      result = await model.invokeFunction(context, finalInputs, callback);
    } catch (thrown) {
      error = thrown ?? new Error('the function threw nothing');
    }
    core.state = 'postInvocationHooks';
    const after = this.#hooks.context({ invocationContext: context }, { inputs: finalInputs, result, error }, hookData);
    await this.#hooks.run('postInvocation', after);
    core.state = undefined;
    if (after.error !== undefined && after.error !== null) {
      throw after.error;
    }
    return { model, context, result: after.result };
  }

  readonly #invocationContexts = new WeakMap<CoreInvocationContext, unknown>();

  #coreContext(target: RegisteredFunction, invocationId: string, input: InvocationInput): CoreInvocationContext {
    const core: CoreInvocationContext = {
      invocationId,
      metadata: target.metadata,
      state: undefined,
      request: {
        invocationId,
        functionId: target.id,
        inputData: this.#inputData(target, input),
        triggerMetadata: input.triggerMetadata ?? {},
        ...(input.retryContext === undefined ? {} : { retryContext: input.retryContext }),
      },
      log: (level, category, message) => {
        let entry = { level, message };
        if (category === 'user' && this.#hooks.has('log')) {
          entry = this.#hooks.runLog({ level, message, category }, this.#invocationContexts.get(core));
        }
        this.#logOf(target).user(entry.level, invocationId, entry.message);
      },
    };
    return core;
  }

  #inputData(target: RegisteredFunction, input: InvocationInput): RpcParameterBinding[] {
    const data: RpcParameterBinding[] = [{ name: target.triggerName, data: input.trigger }];
    const { bindings } = target.metadata;
    for (const name in bindings) {
      const binding = bindings[name];
      if (binding !== undefined && name !== target.triggerName && binding.direction !== 'out') {
        const value = this.#bindInput(binding.type);
        if (value === undefined) {
          throw new Error(
            `The input binding "${binding.type}" of ${target.name} is not served by this host: use the service's SDK`,
          );
        }
        data.push({ name, data: value });
      }
    }
    return data;
  }

  /** An output that nobody would write must not look written. */
  #refuseOutputs(target: RegisteredFunction, response: RpcInvocationResponse): void {
    const returned = target.metadata.bindings.$return;
    const unserved =
      response.outputData?.find((output) => target.metadata.bindings[output.name]?.type !== 'http')?.name ??
      (returned !== undefined && returned.type !== 'http' && response.returnValue ? '$return' : undefined);
    if (unserved !== undefined) {
      const type = target.metadata.bindings[unserved]?.type;
      throw new Error(
        `The output binding "${type}" of ${target.name} is not served by this host: use the service's SDK`,
      );
    }
  }
}
