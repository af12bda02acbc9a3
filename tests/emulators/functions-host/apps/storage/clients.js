import { createRequire } from 'node:module';
import { app, input } from '@azure/functions';
import { BlobServiceClient } from '@azure/storage-blob';
import { see } from './seen.js';

// The library is CommonJS, and so the one instance of this that counts is, too.
const { ResourceFactoryResolver } = createRequire(import.meta.url)('@azure/functions-extensions-base');

// As the package @azure/functions-extensions-blob does.
ResourceFactoryResolver.getInstance().registerResourceFactory('AzureStorageBlobs', ({ content }) => {
  const { Connection, ContainerName, BlobName } = JSON.parse(content.toString());
  const service = BlobServiceClient.fromConnectionString(process.env[Connection]);
  return service.getContainerClient(ContainerName).getBlobClient(BlobName);
});

const connection = 'Storage';
const other = input.storageBlob({ path: 'clients-other/{name}', connection, sdkBinding: true });
app.storageBlob('clients', {
  path: 'clients/{name}',
  connection,
  sdkBinding: true,
  extraInputs: [other],
  handler: async (blob, context) => {
    const texts = [blob, context.extraInputs.get(other)].map(async (client) =>
      (await client.downloadToBuffer()).toString(),
    );
    see('clients', (await Promise.all(texts)).join(' and '), context);
  },
});
