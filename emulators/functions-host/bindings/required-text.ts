import type { RpcBinding } from '../core/rpc-types.ts';

/** A property of a binding that must be there. @throws RangeError when it is not. */
export function requiredText(binding: RpcBinding, name: string): string {
  const value = binding[name];
  if (typeof value !== 'string' || value === '') {
    throw new RangeError(`it has no ${name}`);
  }
  return value;
}
