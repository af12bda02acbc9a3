import type { RpcBinding } from '../core/rpc-types.ts';
import { storageAccount } from '../storage/storage-account.ts';
import { TableClient, type TableEntity } from '../storage/table-client.ts';
import type { BindingData } from './binding-data.ts';
import {
  type BindingExpression,
  expressionValue,
  optionalExpression,
  resolveBindingExpression,
} from './binding-expression.ts';
import type { BindingPorts, ReadInput, WriteOutput } from './function-bindings.ts';
import { outputItems } from './output-values.ts';
import { requiredText } from './required-text.ts';

function tableOf(binding: RpcBinding, ports: BindingPorts) {
  const account = storageAccount(binding.connection, ports.environment);
  const table = new TableClient(account, requiredText(binding, 'tableName'));
  const resolve = (expression: BindingExpression | undefined, data: BindingData) =>
    expression === undefined ? undefined : resolveBindingExpression(expression, data);
  const [partitionKey, rowKey] = [optionalExpression(binding, 'partitionKey'), optionalExpression(binding, 'rowKey')];
  return {
    table,
    keysOf: (data: BindingData) => ({ partitionKey: resolve(partitionKey, data), rowKey: resolve(rowKey, data) }),
  };
}

/**
 * An input from a table: the entity of both keys, or nothing; else the entities of a partition, a `filter`, and the first
 * `take` of them.
 * Source: azure-sdk-for-net, `Microsoft.Azure.WebJobs.Extensions.Tables/src/TablesExtensionConfigProvider.cs`.
 */
export function tableInput(binding: RpcBinding, ports: BindingPorts): ReadInput {
  const { table, keysOf } = tableOf(binding, ports);
  const filter = optionalExpression(binding, 'filter');
  const take = typeof binding.take === 'number' && binding.take > 0 ? binding.take : undefined;
  return async (data) => {
    const { partitionKey, rowKey } = keysOf(data);
    if (partitionKey !== undefined && rowKey !== undefined) {
      const entity = await table.read(partitionKey, rowKey);
      return entity === undefined ? undefined : { json: JSON.stringify(entity) };
    }
    const conditions = [
      ...(partitionKey === undefined ? [] : [`PartitionKey eq '${partitionKey.replaceAll("'", "''")}'`]),
      ...(filter === undefined ? [] : [toFilter(filter, data)]),
    ];
    return { json: JSON.stringify(await table.query(conditions.join(' and '), take)) };
  };
}

/**
 * A filter whose expressions cannot change what it means: within quotes quotes are doubled, elsewhere only numbers and booleans
 * may stand.
 * Source: azure-sdk-for-net, `Microsoft.Azure.WebJobs.Extensions.Tables/src/TableFilterFormatter.cs`.
 * @throws Error for a value that may not stand where it would.
 */
export function toFilter({ parts }: BindingExpression, data: BindingData): string {
  return parts
    .map((part, index) => {
      if (part.kind === 'text') {
        return part.text;
      }
      const value = String(expressionValue(part, data));
      const [before, after] = [parts[index - 1], parts[index + 1]];
      const isQuoted =
        before?.kind === 'text' && before.text.endsWith("'") && after?.kind === 'text' && after.text.startsWith("'");
      if (isQuoted) {
        return value.replaceAll("'", "''");
      }
      if (!/^(true|false|-?\d+(\.\d+)?)$/i.test(value) && parts.length > 1) {
        throw new Error(`An invalid parameter value was specified for filter parameter '${part.name}'.`);
      }
      return value;
    })
    .join('');
}

/** An output to a table: an entity for each element of an array, or one. Makes the table if need be. */
export function tableOutput(binding: RpcBinding, ports: BindingPorts): WriteOutput {
  const { table, keysOf } = tableOf(binding, ports);
  return async (value, data) => {
    const keys = keysOf(data);
    for (const item of outputItems(value)) {
      await table.insert(toEntity(String(item), keys));
    }
  };
}

/** Keys in the entity, in any case, go before those of the binding. */
function toEntity(text: string, keys: { partitionKey: string | undefined; rowKey: string | undefined }): TableEntity {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    throw new Error('an output to a table must be a JSON object or an array of them', { cause: error });
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new Error('an output to a table must be a JSON object or an array of them');
  }
  const entity: Record<string, unknown> = { PartitionKey: keys.partitionKey, RowKey: keys.rowKey };
  for (const [name, value] of Object.entries(values)) {
    const key = { partitionkey: 'PartitionKey', rowkey: 'RowKey' }[name.toLowerCase()];
    if (key === undefined && typeof value === 'object' && value !== null) {
      throw new Error(`the property "${name}" of an entity must be text, a number or a boolean`);
    }
    entity[key ?? name] = key === undefined ? value : String(value);
  }
  if (entity.PartitionKey === undefined || entity.RowKey === undefined) {
    throw new Error('an entity needs a PartitionKey and a RowKey, of its own or of the binding');
  }
  return entity;
}
