import { isArray, isObject, type ObjectValue, parseJson, toValue, type Value } from '../expressions/index.ts';
import { DefinitionError, type JsonObject, optionalString, readObject } from './json.ts';

/** A declared parameter or variable. */
export interface ParameterSpec {
  readonly type: string;
  readonly defaultValue: unknown;
}

/** Reads `{name: {type, defaultValue}}`. */
export function readParameterSpecs(declared: JsonObject): Readonly<Record<string, ParameterSpec>> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, value]) => {
      const spec = readObject(value, `Parameter '${name}'`);
      return [
        name,
        { type: (optionalString(spec, 'type') ?? 'String').toLowerCase(), defaultValue: spec.defaultValue },
      ];
    }),
  );
}

/**
 * The values of declared parameters: what is given, else the defaults, in the declared types.
 * @throws DefinitionError when one has no value, or one of another type.
 */
export function bindParameters(specs: Readonly<Record<string, ParameterSpec>>, given: ObjectValue): ObjectValue {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { type, defaultValue }]) => {
      const value = given[name] ?? (defaultValue === undefined ? undefined : toValue(unwrap(defaultValue)));
      if (value === undefined) throw new DefinitionError(`The parameter '${name}' has no value and no default value.`);
      return [name, convert(value, type, name)];
    }),
  );
}

/** A secret's default is written `{"type": "SecureString", "value": "…"}`. */
function unwrap(value: unknown): unknown {
  const isSecure = typeof value === 'object' && value !== null && 'type' in value && value.type === 'SecureString';
  return isSecure && 'value' in value ? value.value : value;
}

function convert(value: Value, type: string, name: string): Value {
  const wrong = (): DefinitionError => new DefinitionError(`The parameter '${name}' must be of type ${type}.`);
  const parsed = (text: string): Value => {
    try {
      return parseJson(text);
    } catch {
      throw wrong();
    }
  };
  switch (type) {
    case 'int':
    case 'integer':
      if (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value)) return BigInt(value);
      if (typeof value === 'bigint') return value;
      throw wrong();
    case 'float':
      if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
      if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
      throw wrong();
    case 'bool':
    case 'boolean':
      if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
      if (typeof value === 'boolean') return value;
      throw wrong();
    case 'array': {
      const array = typeof value === 'string' ? parsed(value) : value;
      if (isArray(array)) return array;
      throw wrong();
    }
    case 'object': {
      const object = typeof value === 'string' && value.trim() !== '' ? parsed(value) : value;
      if (isObject(object) || isArray(object) || object === null) return object;
      throw wrong();
    }
    default:
      return typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;
  }
}
