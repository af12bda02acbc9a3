import type { DatabaseSync } from 'node:sqlite';
import { type BindingData, propertiesOf, triggerInfo } from '../bindings/binding-data.ts';
import { DurableEngine } from '../engine/engine.ts';
import { parseJson } from '../protocol-v3/json-text.ts';
import { createProtocolV3, type DurableFunctions } from '../protocol-v3/protocol.ts';
import type { DurableConfig } from './durable-config.ts';
import type { FunctionRegistry, RegisteredFunction } from './function-registry.ts';
import type { Invoker } from './invoker.ts';
import type { Logger } from './logger.ts';

export interface EnginePorts {
  readonly database: DatabaseSync;
  readonly registry: FunctionRegistry;
  readonly invoker: () => Invoker;
  readonly config: DurableConfig;
  readonly logger: Logger;
  /** Called when the state cannot be written any more. */
  readonly onFatal: (error: unknown) => void;
}

/** The engine that runs the app's orchestrations and entities; it does nothing until it is started. */
export function openEngine({ database, registry, invoker, config, logger, onFatal }: EnginePorts): DurableEngine {
  const { defaultVersion, match } = config.versions;
  return new DurableEngine({
    database,
    protocol: createProtocolV3(durableFunctions(registry, invoker), config.limits),
    ...config,
    onVersionRefused: (id, version) =>
      logger.warn(
        `orchestration ${id} waits for a host of its version '${version ?? ''}': host.json says defaultVersion ` +
          `'${defaultVersion ?? ''}', versionMatchStrategy '${match}'`,
      ),
    onFatal,
  });
}

/** Lets the durable engine call the app's durable functions. */
function durableFunctions(registry: FunctionRegistry, invoker: () => Invoker): DurableFunctions {
  const find = (name: string, trigger: string, kind: string): RegisteredFunction => {
    const target = registry.find(name, trigger);
    if (target === undefined) {
      throw new Error(`The function '${name}' doesn't exist, is disabled, or is not ${kind} function.`);
    }
    return target;
  };
  return {
    async orchestrator(name, payload, observe) {
      const target = find(name, 'orchestrationTrigger', 'an orchestrator');
      return invoker().invokeRaw(target, { trigger: { string: payload }, mayTakeForever: true, observe });
    },
    async entity(name, payload) {
      return invoker().invokeRaw(find(name, 'entityTrigger', 'an entity'), { trigger: { string: payload } });
    },
    async activity(name, input, instanceId) {
      const target = find(name, 'activityTrigger', 'an activity');
      return invoker().invokeRaw(target, {
        trigger: input === null ? {} : { string: input },
        triggerMetadata: { instanceId: { string: instanceId } },
        bindingData: () => triggerInfo(target.name, activityData(target, input, instanceId)).bindingData,
      });
    },
  };
}

/**
 * What bindings of an activity can name.
 * Source: Azure/azure-functions-durable-extension, `Bindings/ActivityTriggerAttributeBindingProvider.cs`.
 */
function activityData({ triggerName }: RegisteredFunction, input: string | null, instanceId: string): BindingData {
  const value = parseJson(input);
  const text = typeof value === 'string' ? value : (input ?? '');
  return { ...propertiesOf(value), instanceId, [triggerName]: text, data: text };
}
