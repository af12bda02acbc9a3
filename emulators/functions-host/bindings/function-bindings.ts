import { resolveSettings, verbatimProperties } from '../core/app-settings.ts';
import type { Environment } from '../core/connection.ts';
import { HostSetupError } from '../core/errors.ts';
import type { FunctionRegistry, RegisteredFunction } from '../core/function-registry.ts';
import { messageOf } from '../core/logger.ts';
import type { RpcBinding, RpcTypedData } from '../core/rpc-types.ts';
import type { MessageEncoding } from '../storage/message-encoding.ts';
import type { BindingData } from './binding-data.ts';

/** Gives the value of an extra input of a call. */
export type ReadInput = (data: BindingData) => RpcTypedData | undefined | Promise<RpcTypedData | undefined>;

/** Writes the value that a call gave for an output. */
export type WriteOutput = (value: RpcTypedData, data: BindingData, invocationId: string) => Promise<void>;

/** The extra inputs and the outputs of one function, by the names of their bindings. */
export interface FunctionBindings {
  readonly inputs: ReadonlyMap<string, ReadInput>;
  readonly outputs: ReadonlyMap<string, WriteOutput>;
}

/** What bindings need of the host. */
export interface BindingPorts {
  readonly environment: Environment;
  /** The value of a durable client input. */
  readonly durableClient: RpcTypedData;
  readonly queueEncoding: MessageEncoding;
  /** Hears of what an output wrote, so that a trigger of the same app need not wait for its next look. */
  readonly written: (kind: 'queue' | 'blob', name: string) => void;
}

const isDurableClient = (type: string) => /^(durable|orchestration)Client$/i.test(type);

/** The binding with its `%SETTING%`s replaced. @throws HostSetupError when one does not exist. */
export function withSettings(binding: RpcBinding, environment: Environment): RpcBinding {
  const entries = Object.entries(binding).map(([name, value]) => [
    name,
    typeof value === 'string' && !verbatimProperties.includes(name) ? resolveSettings(value, environment) : value,
  ]);
  return Object.fromEntries(entries) as RpcBinding;
}

/**
 * Makes the extra inputs and outputs of all functions ready. Only what some function uses is loaded. A binding of an unknown
 * type is made too: it fails each call, by name.
 * @throws HostSetupError for a binding that is malformed, or names a setting that does not exist.
 */
export async function loadFunctionBindings(
  registry: FunctionRegistry,
  ports: BindingPorts,
): Promise<ReadonlyMap<RegisteredFunction, FunctionBindings>> {
  const all = new Map<RegisteredFunction, FunctionBindings>();
  for (const target of registry.all()) {
    const inputs = new Map<string, ReadInput>();
    const outputs = new Map<string, WriteOutput>();
    for (const [name, binding] of Object.entries(target.metadata.bindings)) {
      if (name === target.triggerName || binding.type.toLowerCase() === 'http') {
        continue;
      }
      try {
        if (binding.direction === 'out') {
          outputs.set(name, await loadOutput(target, binding, ports));
        } else {
          inputs.set(name, await loadInput(target, binding, ports));
        }
      } catch (error) {
        const what = `the ${binding.direction === 'out' ? 'output' : 'input'} "${binding.type}" of the function ${target.name}`;
        throw new HostSetupError(`${what} cannot be used: ${messageOf(error)}`, error);
      }
    }
    if (inputs.size + outputs.size > 0) {
      all.set(target, { inputs, outputs });
    }
  }
  return all;
}

type Make<T> = (binding: RpcBinding, ports: BindingPorts) => T;

const inputTypes: Readonly<Record<string, () => Promise<Make<ReadInput>>>> = {
  blob: async () => (await import('./blob-binding.ts')).blobInput,
  table: async () => (await import('./table-binding.ts')).tableInput,
  cosmosdb: async () => (await import('./cosmos-binding.ts')).cosmosInput,
};

const outputTypes: Readonly<Record<string, () => Promise<Make<WriteOutput>>>> = {
  queue: async () => (await import('./queue-binding.ts')).queueOutput,
  blob: async () => (await import('./blob-binding.ts')).blobOutput,
  table: async () => (await import('./table-binding.ts')).tableOutput,
  eventgrid: async () => (await import('./event-grid-binding.ts')).eventGridOutput,
  cosmosdb: async () => (await import('./cosmos-binding.ts')).cosmosOutput,
};

async function loadInput(target: RegisteredFunction, binding: RpcBinding, ports: BindingPorts): Promise<ReadInput> {
  if (isDurableClient(binding.type)) {
    return () => ports.durableClient;
  }
  const make = await inputTypes[binding.type.toLowerCase()]?.();
  return make?.(withSettings(binding, ports.environment), ports) ?? unserved('input', target, binding);
}

async function loadOutput(target: RegisteredFunction, binding: RpcBinding, ports: BindingPorts): Promise<WriteOutput> {
  const make = await outputTypes[binding.type.toLowerCase()]?.();
  return make?.(withSettings(binding, ports.environment), ports) ?? unserved('output', target, binding);
}

/** What nobody would read or write must not look as if it were. */
function unserved(what: 'input' | 'output', { name }: RegisteredFunction, { type }: RpcBinding): () => never {
  return () => {
    throw new Error(`The ${what} binding "${type}" of ${name} is not served by this host: use the service's SDK`);
  };
}
