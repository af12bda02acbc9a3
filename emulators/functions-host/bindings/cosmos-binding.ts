import type { JSONValue, SqlParameter } from '@azure/cosmos';
import type { RpcBinding } from '../core/rpc-types.ts';
import { cosmosClient, createContainer, isCosmosNotFound } from '../cosmos/cosmos-container.ts';
import type { BindingData } from './binding-data.ts';
import {
  type BindingExpression,
  expressionValue,
  optionalExpression,
  parseBindingExpression,
  resolveBindingExpression,
} from './binding-expression.ts';
import type { BindingPorts, ReadInput, WriteOutput } from './function-bindings.ts';
import { outputItems } from './output-values.ts';
import { requiredText } from './required-text.ts';

function containerOf(binding: RpcBinding, ports: BindingPorts) {
  const client = cosmosClient(binding.connection, ports.environment);
  const database = parseBindingExpression(requiredText(binding, 'databaseName'));
  const container = parseBindingExpression(requiredText(binding, 'containerName'));
  return {
    client,
    locate: (data: BindingData) => ({
      database: resolveBindingExpression(database, data),
      id: resolveBindingExpression(container, data),
    }),
  };
}

/**
 * An input from Cosmos DB: the document with an `id`, or nothing when it is not there; else the documents of a `sqlQuery`, or
 * all of the container.
 * Source: azure-webjobs-sdk-extensions, `CosmosDB/Bindings/CosmosDBItemValueBinder.cs` and `CosmosDBEnumerableBuilder.cs`.
 */
export function cosmosInput(binding: RpcBinding, ports: BindingPorts): ReadInput {
  const { client, locate } = containerOf(binding, ports);
  const [id, partitionKey, query] = ['id', 'partitionKey', 'sqlQuery'].map((name) => optionalExpression(binding, name));
  return async (data) => {
    const { database, id: containerId } = locate(data);
    const container = client.database(database).container(containerId);
    const key = partitionKey === undefined ? undefined : resolveBindingExpression(partitionKey, data);
    if (id !== undefined) {
      const { resource } = await container.item(resolveBindingExpression(id, data), key).read<JSONValue & object>();
      return resource === undefined ? undefined : { json: JSON.stringify(resource) };
    }
    const spec = query === undefined ? { query: 'SELECT * FROM c', parameters: [] } : toQuery(query, data);
    const options = key === undefined ? {} : { partitionKey: key };
    const { resources } = await container.items.query<JSONValue>(spec, options).fetchAll();
    return { json: JSON.stringify(resources) };
  };
}

/**
 * A query whose expressions are parameters, so that a value can never change what the query means.
 * Source: azure-webjobs-sdk-extensions, `CosmosDB/CosmosDBSqlResolutionPolicy.cs`.
 */
export function toQuery(
  { parts }: BindingExpression,
  data: BindingData,
): { query: string; parameters: SqlParameter[] } {
  const parameters = new Map<string, JSONValue>();
  const query = parts.map((part) => {
    if (part.kind === 'text') {
      return part.text;
    }
    const name = `@${part.name.replace(/[.-]/g, '_')}`;
    parameters.set(name, expressionValue(part, data) as JSONValue);
    return name;
  });
  return { query: query.join(''), parameters: [...parameters].map(([name, value]) => ({ name, value })) };
}

/** An output to Cosmos DB: each document is upserted, so that a call that is repeated changes nothing more. */
export function cosmosOutput(binding: RpcBinding, ports: BindingPorts): WriteOutput {
  const { client, locate } = containerOf(binding, ports);
  const { createIfNotExists, containerThroughput } = binding;
  return async (value, data) => {
    const { database, id } = locate(data);
    const container = client.database(database).container(id);
    for (const item of outputItems(value)) {
      const document = parseDocument(String(item));
      try {
        await container.items.upsert(document);
      } catch (error) {
        if (createIfNotExists !== true || !isCosmosNotFound(error)) {
          throw error;
        }
        const options = {
          ...(typeof binding.partitionKey === 'string' ? { partitionKey: binding.partitionKey } : {}),
          ...(typeof containerThroughput === 'number' ? { throughput: containerThroughput } : {}),
        };
        await createContainer(client, database, id, options);
        await container.items.upsert(document);
      }
    }
  };
}

function parseDocument(text: string): object {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Error('an output to Cosmos DB must be a JSON object or an array of them', { cause: error });
  }
  if (typeof document !== 'object' || document === null) {
    throw new Error('an output to Cosmos DB must be a JSON object or an array of them');
  }
  return document;
}
