import type { Subscription } from '../entities.ts';

/** The resource document of a subscription, as ARM answers it: the endpoint without its query, which may hold a key. */
export function toArm(subscription: Subscription): object {
  const { endpointUrl, filter, deadLetterContainer } = subscription;
  return {
    id: subscription.id,
    name: subscription.name,
    type: 'Microsoft.EventGrid/eventSubscriptions',
    properties: {
      topic: subscription.id.replace(/(\/providers\/Microsoft\.EventGrid)?\/eventSubscriptions\/.*$/i, ''),
      provisioningState: 'Succeeded',
      destination: {
        endpointType: 'WebHook',
        properties: { endpointBaseUrl: endpointUrl.split('?')[0], maxEventsPerBatch: 1 },
      },
      filter,
      eventDeliverySchema: subscription.eventDeliverySchema,
      retryPolicy: subscription.retryPolicy,
      ...(deadLetterContainer === undefined
        ? {}
        : {
            deadLetterDestination: {
              endpointType: 'StorageBlob',
              properties: { blobContainerName: deadLetterContainer },
            },
          }),
    },
  };
}
