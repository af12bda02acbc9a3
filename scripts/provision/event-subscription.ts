import type { Settings } from '../stack/endpoints.ts';

/**
 * Subscribes the function `file-arrived` to finished writes and deletions in the landing container, as infra does in Azure; a
 * subscription that exists is left as it is.
 */
export async function provisionEventSubscription(
  settings: Settings,
  hostUrl: string,
  eventGridKey: string,
): Promise<void> {
  const { origin } = new URL(settings.STORAGE_BLOB_ENDPOINT ?? '');
  const account = `/subscriptions/local/resourceGroups/landfall/providers/Microsoft.Storage/storageAccounts/${settings.STORAGE_ACCOUNT_NAME}`;
  const response = await fetch(
    `${origin}${account}/providers/Microsoft.EventGrid/eventSubscriptions/file-arrived?api-version=2022-06-15`,
    {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        properties: {
          destination: {
            endpointType: 'WebHook',
            properties: {
              endpointUrl: `${hostUrl}/runtime/webhooks/eventgrid?functionName=file-arrived&code=${eventGridKey}`,
            },
          },
          filter: {
            subjectBeginsWith: '/blobServices/default/containers/landing/',
            includedEventTypes: ['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobDeleted'],
          },
          eventDeliverySchema: 'EventGridSchema',
          retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
          deadLetterDestination: { endpointType: 'StorageBlob', properties: { blobContainerName: 'dead-letters' } },
        },
      }),
    },
  );
  if (!response.ok) throw new Error(`Event Grid refused the subscription: ${response.status} ${await response.text()}`);
}
