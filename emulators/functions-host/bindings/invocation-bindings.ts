import type { RegisteredFunction } from '../core/function-registry.ts';
import type { RpcInvocationResponse, RpcParameterBinding, RpcTypedData } from '../core/rpc-types.ts';
import type { BindingData } from './binding-data.ts';
import type { FunctionBindings } from './function-bindings.ts';

/** Binding data that is made the first time that somebody asks, so that all bindings of a call see the same. */
export function once(make: (() => BindingData) | undefined): () => BindingData {
  let data: BindingData | undefined;
  return () => {
    data ??= make?.() ?? {};
    return data;
  };
}

/** The values of the trigger and of the extra inputs of a call. Only those that must be fetched make it wait. */
export function inputData(
  target: RegisteredFunction,
  input: { readonly trigger: RpcTypedData | null | undefined },
  bindings: FunctionBindings | undefined,
  bindingData: () => BindingData,
): RpcParameterBinding[] | Promise<RpcParameterBinding[]> {
  const trigger = { name: target.triggerName, data: input.trigger };
  if (bindings === undefined || bindings.inputs.size === 0) {
    return [trigger];
  }
  const names = [...bindings.inputs.keys()];
  const values = [...bindings.inputs.values()].map((read) => read(bindingData()));
  const join = (all: readonly (RpcTypedData | undefined)[]): RpcParameterBinding[] => [
    trigger,
    ...names.map((name, index) => ({ name, data: all[index] })),
  ];
  return values.some((value) => value instanceof Promise)
    ? Promise.all(values).then(join)
    : join(values as (RpcTypedData | undefined)[]);
}

/** Writes what a call gave for its outputs, all at once; the call fails when one cannot be written. */
export async function writeOutputs(
  { outputs }: FunctionBindings,
  { returnValue, outputData = [] }: RpcInvocationResponse,
  bindingData: () => BindingData,
  invocationId: string,
): Promise<void> {
  const values = [...outputData, { name: '$return', data: returnValue }];
  await Promise.all(
    values.map(async ({ name, data }) => {
      const write = outputs.get(name);
      if (write !== undefined && data !== undefined && data !== null) {
        await write(data, bindingData(), invocationId);
      }
    }),
  );
}
