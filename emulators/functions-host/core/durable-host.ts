import { type BindingData, propertiesOf, triggerInfo } from '../bindings/binding-data.ts';
import { parseJson } from '../protocol-v3/json-text.ts';
import type { DurableFunctions } from '../protocol-v3/protocol.ts';
import type { FunctionRegistry, RegisteredFunction } from './function-registry.ts';
import type { Invoker } from './invoker.ts';

/** Lets the durable engine call the app's durable functions. */
export function durableFunctions(registry: FunctionRegistry, invoker: () => Invoker): DurableFunctions {
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
