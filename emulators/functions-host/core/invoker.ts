import { randomUUID } from 'node:crypto';
import type { BindingData } from '../bindings/binding-data.ts';
import type { FunctionBindings } from '../bindings/function-bindings.ts';
import { inputData, once, writeOutputs } from '../bindings/invocation-bindings.ts';
import type { RegisteredFunction } from './function-registry.ts';
import { withFunctionTimeout } from './function-timeout.ts';
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
import type { TimeSpan } from './time-span.ts';
import { type IncomingTrace, traceContext } from './trace-context.ts';

/** What one call of a function is given. */
export interface InvocationInput {
  readonly invocationId?: string;
  readonly trigger: RpcTypedData | null | undefined;
  readonly triggerMetadata?: Readonly<Record<string, RpcTypedData>>;
  readonly retryContext?: RpcRetryContext;
  /** The trace that the caller of an HTTP function works in. */
  readonly trace?: IncomingTrace | undefined;
  /** What binding expressions can name; asked only when a binding of the function is read or written. */
  readonly bindingData?: (() => BindingData) | undefined;
  /** Whether `functionTimeout` does not hold for this call. */
  readonly mayTakeForever?: boolean;
  /** Shown the library's invocation context before the function is called. */
  readonly observe?: (context: unknown) => void;
}

/** The outputs of a call, and whether the function returned nothing at all. */
export interface InvocationOutput extends RpcInvocationResponse {
  readonly returnedNothing: boolean;
}

/** What the invoker needs of the host. */
export interface InvokerPorts {
  readonly model: ProgrammingModel;
  readonly hooks: HookRegistry;
  readonly logger: Logger;
  /** The extra inputs and outputs of the functions that have some. */
  readonly bindings: ReadonlyMap<RegisteredFunction, FunctionBindings>;
  /** How long a call may take; none is no limit. */
  readonly functionTimeout: TimeSpan | undefined;
}

/** Calls functions of the app in the sequence that the Node worker keeps. */
export class Invoker {
  readonly #ports: InvokerPorts;
  readonly #logs = new Map<RegisteredFunction, InvocationLog>();
  #running = 0;

  constructor(ports: InvokerPorts) {
    this.#ports = ports;
  }

  /** How many calls have not returned. */
  get running(): number {
    return this.#running;
  }

  /** Calls the function, writes its outputs, and gives them in the worker's wire format. Rethrows what the function throws. */
  async invoke(target: RegisteredFunction, input: InvocationInput): Promise<InvocationOutput> {
    return this.#watched(target, input, async (invocationId) => {
      const call = await this.#call(target, invocationId, input);
      const response = await call.model.getResponse(call.context, call.result);
      const bindings = this.#ports.bindings.get(target);
      if (bindings !== undefined) {
        await writeOutputs(bindings, response, call.bindingData, invocationId);
      }
      return { ...response, returnedNothing: call.result === undefined || call.result === null };
    });
  }

  /**
   * Calls the function, writes its outputs, and gives the very object that it returned. Orchestrations need that: which task is
   * which shows in the identity of the objects, and no longer in their JSON.
   */
  async invokeRaw(target: RegisteredFunction, input: InvocationInput): Promise<unknown> {
    return this.#watched(target, input, async (invocationId) => {
      const call = await this.#call(target, invocationId, input);
      const bindings = this.#ports.bindings.get(target);
      if (bindings !== undefined && bindings.outputs.size > 0) {
        const response = await call.model.getResponse(call.context, call.result);
        await writeOutputs(bindings, response, call.bindingData, invocationId);
      }
      return call.result;
    });
  }

  /** Logs a call, counts it, and ends the wait for it when it takes too long. */
  async #watched<T>(
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
      const work = call(invocationId);
      const limit = input.mayTakeForever === true ? undefined : this.#ports.functionTimeout;
      const result = await (limit === undefined ? work : withFunctionTimeout(work, limit, target.name, invocationId));
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
      log = createInvocationLog(target, this.#ports.logger);
      this.#logs.set(target, log);
    }
    return log;
  }

  async #call(target: RegisteredFunction, invocationId: string, input: InvocationInput) {
    const { hooks } = this.#ports;
    const bindingData = once(input.bindingData);
    const given = inputData(target, input, this.#ports.bindings.get(target), bindingData);
    const shown: { context?: unknown } = {};
    const core = this.#coreContext(target, invocationId, input, given instanceof Promise ? await given : given, shown);
    const model = await this.#ports.model.getInvocationModel(core);
    const { context, inputs } = await model.getArguments();
    shown.context = context;
    input.observe?.(context);
    if (!hooks.has('preInvocation') && !hooks.has('postInvocation')) {
      core.state = 'invocation';
      const result = await model.invokeFunction(context, inputs as unknown[], target.callback);
      core.state = undefined;
      return { model, context, result, bindingData };
    }
    const hookData: Record<string, unknown> = {};
    core.state = 'preInvocationHooks';
    const before = hooks.context(
      { invocationContext: context },
      { functionCallback: target.callback, inputs },
      hookData,
    );
    await hooks.run('preInvocation', before);
    core.state = 'invocation';
    const callback = before.functionCallback as FunctionCallback;
    const finalInputs = before.inputs as unknown[];
    let result: unknown = null; // hooks see null, not undefined, as in the worker
    let error: unknown = null;
    try {
      result = await model.invokeFunction(context, finalInputs, callback);
    } catch (thrown) {
      error = thrown ?? new Error('the function threw nothing');
    }
    core.state = 'postInvocationHooks';
    const after = hooks.context({ invocationContext: context }, { inputs: finalInputs, result, error }, hookData);
    await hooks.run('postInvocation', after);
    core.state = undefined;
    if (after.error !== undefined && after.error !== null) {
      throw after.error;
    }
    return { model, context, result: after.result, bindingData };
  }

  #coreContext(
    target: RegisteredFunction,
    invocationId: string,
    input: InvocationInput,
    inputData: readonly RpcParameterBinding[],
    shown: { readonly context?: unknown },
  ): CoreInvocationContext {
    const { hooks } = this.#ports;
    const core: CoreInvocationContext = {
      invocationId,
      metadata: target.metadata,
      state: undefined,
      request: {
        invocationId,
        functionId: target.id,
        inputData,
        triggerMetadata: input.triggerMetadata ?? {},
        traceContext: traceContext(invocationId, input.trace),
        ...(input.retryContext === undefined ? {} : { retryContext: input.retryContext }),
      },
      log: (level, category, message) => {
        let entry = { level, message };
        if (category === 'user' && hooks.has('log')) {
          entry = hooks.runLog({ level, message, category }, shown.context);
        }
        this.#logOf(target).user(entry.level, invocationId, entry.message);
      },
    };
    return core;
  }
}
