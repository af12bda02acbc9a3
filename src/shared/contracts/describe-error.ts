import type { ErrorObject } from 'ajv';
import { type Finding, type Path, show } from './finding.ts';
import { hint, suggest } from './suggest.ts';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

/** What the schema says is wrong, for a person. Errors inside a `oneOf` are left to the error of the `oneOf` itself. */
export function describeErrors(errors: readonly ErrorObject[], contract: unknown): Finding[] {
  return errors
    .filter(({ schemaPath }) => !/\/oneOf\//.test(schemaPath))
    .map((error) => describe(error, pathOf(error, contract)));
}

function describe({ keyword, data, params, parentSchema }: ErrorObject, path: Path): Finding {
  const where = show(path);
  const of = (message: string): Finding => ({ path, on: 'value', message });
  const limit = String(params.limit);
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      const known = Object.keys((parentSchema?.properties as object | undefined) ?? {});
      return {
        path: [...path, key],
        on: 'key',
        message: `'${key}' is not a key of ${where}; ${hint(key, known, 'keys')}`,
      };
    }
    case 'required':
      return of(`${where} lacks '${String(params.missingProperty)}'; add it.`);
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String);
      const meant = typeof data === 'string' ? suggest(data, allowed) : undefined;
      const fix = meant === undefined ? '' : ` Did you mean '${meant}'?`;
      return of(
        `${where} is ${shown(data)}; it must be ${allowed.length === 1 ? '' : 'one of '}${allowed.join(', ')}.${fix}`,
      );
    }
    case 'type':
      return of(`${where} must be ${KINDS[String(params.type)] ?? String(params.type)}; it is ${shown(data)}.`);
    case 'pattern':
    case 'oneOf':
      return of(
        `${where} is ${shown(data)}; it must be ${String(parentSchema?.description ?? parentSchema?.pattern)}.`,
      );
    case 'minLength':
      return of(`${where} must not be empty.`);
    case 'maxLength':
      return of(`${where} must be no longer than ${limit} characters.`);
    case 'minItems':
    case 'minProperties':
      return of(`${where} must have at least ${limit} ${limit === '1' ? 'entry' : 'entries'}.`);
    case 'uniqueItems': {
      const second = Math.max(Number(params.i), Number(params.j));
      return {
        path: [...path, second],
        on: 'value',
        message: `${where} names ${shown((data as unknown[])[second])} twice.`,
      };
    }
    case 'minimum':
      return of(`${where} is ${shown(data)}; it must be at least ${limit}.`);
    case 'maximum':
      return of(`${where} is ${shown(data)}; it must be at most ${limit}.`);
    case 'exclusiveMinimum':
      return of(`${where} is ${shown(data)}; it must be above ${limit}.`);
    case 'exclusiveMaximum':
      return of(`${where} is ${shown(data)}; it must be below ${limit}.`);
    default:
      throw new Error(`The schema uses the keyword ${keyword}, which has no description here.`);
  }
}

/** A JSON pointer as a path; digits are an index only where a list is. */
function pathOf({ instancePath }: ErrorObject, contract: unknown): Path {
  let value = contract;
  return instancePath
    .split('/')
    .slice(1)
    .map((text) => {
      const name = text.replaceAll('~1', '/').replaceAll('~0', '~');
      const part = Array.isArray(value) ? Number(name) : name;
      value = (value as Readonly<Record<string | number, unknown>>)[part];
      return part;
    });
}

function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : String(value);
}
