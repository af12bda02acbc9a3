import { floatText, writeJson } from '../json-text.ts';
import type { Value } from '../value.ts';

/** A value as text, as `concat`, `string` and `@{…}` write it: `True`, nothing for null, compact JSON for collections. */
export function textOf(value: Value): string {
  if (value === null) return '';
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return String(value);
    case 'number':
      return floatText(value);
    default:
      return writeJson(value);
  }
}
