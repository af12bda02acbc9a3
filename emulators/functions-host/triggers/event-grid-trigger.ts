import { propertiesOf, triggerInfo } from '../bindings/binding-data.ts';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { InvocationInput, Invoker } from '../core/invoker.ts';
import type { TakeEvents } from './event-grid-webhook.ts';

/**
 * Calls an Event Grid function: once for each event, or once for all with cardinality "many".
 * Source: Azure/azure-sdk-for-net, `sdk/eventgrid/Microsoft.Azure.WebJobs.Extensions.EventGrid/src`.
 */
export function eventGridTrigger(invoker: Invoker, target: RegisteredFunction): TakeEvents {
  const many = String(target.trigger.cardinality ?? '').toLowerCase() === 'many';
  return async (events) => {
    const inputs: readonly unknown[] = many ? [events] : events;
    const outcomes = await Promise.allSettled(
      inputs.map((event) => invoker.invoke(target, inputOf(target.name, event))),
    );
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) {
      throw failure.reason;
    }
  };
}

function inputOf(functionName: string, event: unknown): InvocationInput {
  const { bindingData, triggerMetadata } = triggerInfo(functionName, propertiesOf(event));
  return { trigger: { json: JSON.stringify(event) }, triggerMetadata, bindingData: () => bindingData };
}
