import type { RpcBinding, RpcTypedData } from '../core/rpc-types.ts';
import { BlobClient } from '../storage/blob-client.ts';
import { storageAccount } from '../storage/storage-account.ts';
import type { BindingData } from './binding-data.ts';
import { parseBindingExpression, resolveBindingExpression } from './binding-expression.ts';
import { splitBlobPath } from './blob-path.ts';
import type { BindingPorts, ReadInput, WriteOutput } from './function-bindings.ts';
import { outputBytes } from './output-values.ts';
import { requiredText } from './required-text.ts';

/** The content of a blob as the binding wants it: bytes, or text with `dataType: 'string'`. */
export function blobValue(bytes: Buffer, dataType: unknown): RpcTypedData {
  return String(dataType).toLowerCase() === 'string' ? { string: bytes.toString() } : { bytes };
}

/**
 * What the package `@azure/functions-extensions-blob` makes a client of, for bindings with `sdkBinding`.
 * Source: azure-sdk-for-net, `Microsoft.Azure.WebJobs.Extensions.Storage.Blobs/src/Config/BlobsExtensionConfigProvider.cs`.
 */
export function blobReference(binding: RpcBinding, container: string, name: string): RpcTypedData {
  const { connection: Connection = 'AzureWebJobsStorage' } = binding;
  const content = Buffer.from(JSON.stringify({ Connection, ContainerName: container, BlobName: name }));
  return {
    modelBindingData: { version: '1.0', source: 'AzureStorageBlobs', contentType: 'application/json', content },
  };
}

function blobOf(binding: RpcBinding, ports: BindingPorts) {
  const client = new BlobClient(storageAccount(binding.connection, ports.environment));
  const path = parseBindingExpression(requiredText(binding, 'path'));
  return { client, pathOf: (data: BindingData) => resolveBindingExpression(path, data) };
}

/** An input that is the content of a blob, or nothing when the blob is not there; with `sdkBinding` a client of it. */
export function blobInput(binding: RpcBinding, ports: BindingPorts): ReadInput {
  const { client, pathOf } = blobOf(binding, ports);
  return async (data) => {
    const path = pathOf(data);
    if (binding.sdkBinding === true && !path.includes('/')) {
      return blobReference(binding, path, ''); // a client of the container
    }
    const { container, name } = splitBlobPath(path);
    if (binding.sdkBinding === true) {
      return blobReference(binding, container, name);
    }
    const blob = await client.read(container, name);
    return blob === undefined ? undefined : blobValue(blob.bytes, binding.dataType);
  };
}

/** An output to a blob, over one that is there; the container is made if need be. */
export function blobOutput(binding: RpcBinding, ports: BindingPorts): WriteOutput {
  const { client, pathOf } = blobOf(binding, ports);
  return async (value, data, invocationId) => {
    const { container, name } = splitBlobPath(pathOf(data));
    await client.write(container, name, outputBytes(value), { AzureWebJobsParentId: invocationId });
    ports.written('blob', container);
  };
}
