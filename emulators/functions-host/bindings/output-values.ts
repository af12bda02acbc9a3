import type { RpcTypedData } from '../core/rpc-types.ts';

/** One value for an output: text, or bytes. */
export type OutputItem = string | Uint8Array;

function asText(value: RpcTypedData): string {
  return value.string ?? value.json ?? String(value.int ?? value.double ?? '');
}

function parseArray(text: string): readonly unknown[] | undefined {
  if (!/^\s*\[.*\]\s*$/s.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown[];
  } catch {
    return undefined;
  }
}

/**
 * What an output that takes several values at once, such as a queue, is given: each element of an array, whether it came as
 * an array or as JSON text, or else the value itself.
 * Source: Azure/azure-functions-host, `Binding/FunctionBinding.cs`, `ReadAsEnumerable`.
 */
export function outputItems(value: RpcTypedData): readonly OutputItem[] {
  if (value.bytes !== undefined) {
    return [value.bytes];
  }
  const text = asText(value);
  const items = parseArray(text);
  return items === undefined ? [text] : items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}

/** What an output that takes one value, such as a blob, is given. */
export function outputBytes(value: RpcTypedData): Uint8Array {
  return value.bytes ?? Buffer.from(asText(value));
}
