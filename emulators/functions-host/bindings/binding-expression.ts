import { randomUUID } from 'node:crypto';
import type { RpcBinding } from '../core/rpc-types.ts';
import type { BindingData } from './binding-data.ts';

/** A text with `{expressions}` in it, taken apart. */
export interface BindingExpression {
  readonly parts: readonly Part[];
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `path` are the names that a dot separates, `format` is what follows a colon. */
  | { readonly kind: 'name'; readonly name: string; readonly path: readonly string[]; readonly format: string };

/**
 * Takes a text with binding expressions apart: `{name}`, `{object.property}`, `{rand-guid}`, `{DateTime:format}`, and doubled
 * braces for themselves. App settings (`%NAME%`) must be resolved before.
 * Source: "Azure Functions binding expression patterns"; azure-webjobs-sdk, `Bindings/Path/BindingTemplateParser.cs`.
 * @throws RangeError for braces that do not match, or hold no name.
 */
export function parseBindingExpression(text: string): BindingExpression {
  const parts: Part[] = [];
  for (const [token] of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g)) {
    if (token === '{' || token === '}') {
      throw new RangeError(`"${text}" has a brace "${token}" that belongs to no other: write it twice`);
    }
    if (token.startsWith('{') && token !== '{{') {
      const [, name = '', format = ''] = /^([^:]*):?(.*)$/s.exec(token.slice(1, -1).trim()) ?? [];
      if (!/^[\w$-]+(\.[\w$-]+)*$/.test(name)) {
        throw new RangeError(`"${text}" has an expression without a valid name: "${token}"`);
      }
      parts.push({ kind: 'name', name, path: name.split('.'), format });
    } else {
      parts.push({ kind: 'text', text: token === '{{' || token === '}}' ? token.charAt(0) : token });
    }
  }
  return { parts };
}

/** @throws Error that names the expression for which there is no value. */
export function resolveBindingExpression({ parts }: BindingExpression, data: BindingData): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : textOf(expressionValue(part, data)))).join('');
}

/** The expression of a property of a binding; undefined when it has none. */
export function optionalExpression(binding: RpcBinding, name: string): BindingExpression | undefined {
  const value = binding[name];
  return typeof value === 'string' && value !== '' ? parseBindingExpression(value) : undefined;
}

/** The value that one expression stands for. @throws Error when there is none. */
export function expressionValue(part: Extract<Part, { kind: 'name' }>, data: BindingData): unknown {
  switch (part.name.toLowerCase()) {
    case 'rand-guid':
      return formatGuid(randomUUID(), part.format);
    case 'datetime':
      return formatTime(new Date(), part.format === '' ? 'yyyy-MM-ddTHH-mm-ssZ' : part.format);
    default: {
      let value: unknown = data;
      for (const name of part.path) {
        value = member(value, name);
        if (value === undefined || value === null) {
          throw new Error(`No value was provided for the binding expression {${part.name}}: '${name}' doesn't exist.`);
        }
      }
      return value;
    }
  }
}

/** A member of an object, whatever the case of its name. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const object = value as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(object, name)) {
    return object[name];
  }
  const lower = name.toLowerCase();
  const found = Object.keys(object).find((key) => key.toLowerCase() === lower);
  return found === undefined ? undefined : object[found];
}

function textOf(value: unknown): string {
  return value instanceof Date
    ? value.toISOString()
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

/** The formats of .NET: `N` without dashes, `B` in braces, `P` in parentheses, `D` and nothing as it is. */
function formatGuid(guid: string, format: string): string {
  switch (format.toUpperCase()) {
    case '':
    case 'D':
      return guid;
    case 'N':
      return guid.replaceAll('-', '');
    case 'B':
      return `{${guid}}`;
    case 'P':
      return `(${guid})`;
    default:
      throw new Error(`"${format}" is no format of a GUID: use N, D, B or P`);
  }
}

/** The parts of a custom format of .NET that make sense in a path. */
function formatTime(time: Date, format: string): string {
  const iso = time.toISOString();
  const parts: Readonly<Record<string, string>> = {
    yyyy: iso.slice(0, 4),
    yy: iso.slice(2, 4),
    MM: iso.slice(5, 7),
    dd: iso.slice(8, 10),
    HH: iso.slice(11, 13),
    mm: iso.slice(14, 16),
    ss: iso.slice(17, 19),
    fff: iso.slice(20, 23),
    K: 'Z',
  };
  return format.replace(/yyyy|yy|MM|dd|HH|mm|ss|fff|K/g, (part) => parts[part] ?? part);
}
