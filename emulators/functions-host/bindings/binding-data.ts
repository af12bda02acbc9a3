import { randomUUID } from 'node:crypto';
import type { RpcTypedData } from '../core/rpc-types.ts';

/** What the binding expressions of a call can name: what its trigger tells. Names match in any case. */
export type BindingData = Readonly<Record<string, unknown>>;

/** What a trigger tells of a call, in both forms that are made of it. */
export interface TriggerInfo {
  readonly bindingData: BindingData;
  /** For `context.triggerMetadata`. */
  readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
}

/** Text and times go as what they are, all else as JSON. */
function toTypedData(value: unknown): RpcTypedData {
  return typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) };
}

/**
 * Makes binding data and trigger metadata of the values that a trigger tells, with `sys`.
 * Source: azure-webjobs-sdk, `Bindings/SystemBindingData.cs`.
 */
export function triggerInfo(functionName: string, values: BindingData): TriggerInfo {
  const sys = { MethodName: functionName, UtcNow: new Date().toISOString(), RandGuid: randomUUID() };
  const bindingData = { ...values, sys };
  const triggerMetadata = Object.fromEntries(
    Object.entries(bindingData).map(([name, value]) => [name, toTypedData(value)]),
  );
  return { bindingData, triggerMetadata };
}

/**
 * The properties of a payload that is an object, which expressions can name; nothing for others. Arrays and nulls are left
 * out, simple values are text.
 * Source: Azure/azure-functions-host, `Utility.ApplyBindingData`.
 */
export function propertiesOf(payload: unknown): BindingData {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(payload)
      .filter(([, value]) => value !== null && value !== undefined && !Array.isArray(value))
      .map(([name, value]) => [name, typeof value === 'object' ? value : String(value)]),
  );
}

/** The properties of a payload that is JSON text of an object; nothing for other text. */
export function propertiesOfText(payload: string): BindingData {
  if (!payload.trimStart().startsWith('{')) {
    return {};
  }
  try {
    return propertiesOf(JSON.parse(payload));
  } catch {
    return {};
  }
}
