import { messageOf } from '../core/logger.ts';
import type { RpcBinding } from '../core/rpc-types.ts';
import type { BindingPorts, WriteOutput } from './function-bindings.ts';
import { outputItems } from './output-values.ts';
import { requiredText } from './required-text.ts';

/**
 * An output to a topic of Event Grid: the events of an array, or one, in the Event Grid or the CloudEvents schema, as one
 * delivery.
 * Source: azure-sdk-for-net, `Microsoft.Azure.WebJobs.Extensions.EventGrid/src/EventGridAsyncCollector.cs`.
 */
export function eventGridOutput(binding: RpcBinding, { environment }: BindingPorts): WriteOutput {
  const setting = (property: string): string => {
    const name = requiredText(binding, property);
    const value = environment[name];
    if (value === undefined || value === '') {
      throw new RangeError(`its ${property} names the app setting "${name}", which does not exist`);
    }
    return value;
  };
  if (binding.connection !== undefined) {
    throw new RangeError('its connection uses an identity: give topicEndpointUri and topicKeySetting');
  }
  const [endpoint, key] = [setting('topicEndpointUri'), setting('topicKeySetting')];
  return async (value) => {
    const events = outputItems(value).map((item) => JSON.parse(String(item)) as { specversion?: unknown });
    if (events.length === 0) {
      return;
    }
    const isCloud = events[0]?.specversion !== undefined;
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'aeg-sas-key': key,
        'content-type': isCloud ? 'application/cloudevents-batch+json' : 'application/json',
      },
      body: JSON.stringify(events),
    }).catch((error: unknown) => {
      const reason = messageOf((error as Error).cause ?? error);
      throw new Error(`the topic of Event Grid cannot be reached at ${new URL(endpoint).origin}: ${reason}`, {
        cause: error,
      });
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`the topic of Event Grid answered ${response.status}: ${text}`);
    }
  };
}
