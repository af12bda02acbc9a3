import type { RpcBinding } from '../core/rpc-types.ts';
import { encodeMessage } from '../storage/message-encoding.ts';
import { QueueClient } from '../storage/queue-client.ts';
import { storageAccount } from '../storage/storage-account.ts';
import { parseBindingExpression, resolveBindingExpression } from './binding-expression.ts';
import type { BindingPorts, WriteOutput } from './function-bindings.ts';
import { outputItems } from './output-values.ts';
import { requiredText } from './required-text.ts';

/** An output to a queue of Azure Storage: a message for each element of an array, or one. Makes the queue if need be. */
export function queueOutput(binding: RpcBinding, ports: BindingPorts): WriteOutput {
  const account = storageAccount(binding.connection, ports.environment);
  const nameExpression = parseBindingExpression(requiredText(binding, 'queueName'));
  return async (value, data) => {
    const name = resolveBindingExpression(nameExpression, data).toLowerCase();
    const queue = new QueueClient(account, name);
    for (const item of outputItems(value)) {
      await queue.send(encodeMessage(item, ports.queueEncoding));
    }
    ports.written('queue', name);
  };
}
