// Tells file-arrived of each finished write and each deletion in the landing container. It is deployed by a hook after the app, since
// Event Grid refuses a destination that does not exist.
param systemTopicName string
param storageAccountName string
param functionAppName string

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

resource arrivals 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = {
  name: systemTopicName
}

resource fileArrived 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {
  parent: arrivals
  name: 'file-arrived'
  properties: {
    // By the function's resource id instead of a web hook, whose URL would hold a key.
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${app.id}/functions/file-arrived'
        // One at a time: each event is a file of its own, and a failure repeats just that one.
        maxEventsPerBatch: 1
      }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      subjectBeginsWith: '/blobServices/default/containers/landing/'
      includedEventTypes: [
        'Microsoft.Storage.BlobCreated'
        'Microsoft.Storage.BlobDeleted'
      ]
      // The same lists as in src/shared/events/blob-event.ts: a write through the Data Lake endpoint raises several events.
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.api'
          values: [
            'PutBlob'
            'PutBlockList'
            'PutBlobFromURL'
            'CopyBlob'
            'FlushWithClose'
            'SftpCommit'
            'CompleteAsyncCopy'
            'DeleteBlob'
            'DeleteFile'
            'SftpRemove'
          ]
        }
      ]
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: account.id
          blobContainerName: 'dead-letters'
        }
      }
    }
  }
}
