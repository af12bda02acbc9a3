import { DefinitionError, type Scalar } from './definition.ts';

/** Reads members of a parsed YAML mapping by type; a DefinitionError says where something else stands. */
export interface NodeReader {
  readonly where: string;
  has(name: string): boolean;
  text(name: string): string;
  optionalText(name: string): string | undefined;
  flag(name: string): boolean;
  scalar(name: string): Scalar;
  texts(name: string): readonly string[];
  numbers(name: string): readonly number[];
  node(name: string): NodeReader;
  nodes(name: string): readonly NodeReader[];
  /** Throws when there are members that nobody knows: mostly misspellings. */
  allow(...names: readonly string[]): void;
}

/** A reader over what `yaml.parse` gave. */
export function readNode(value: unknown, where: string): NodeReader {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DefinitionError(where, 'a mapping is expected');
  }
  const members = new Map<string, unknown>(Object.entries(value));
  const at = (name: string): string => `${where}.${name}`;
  const checked = <T>(name: string, is: (one: unknown) => one is T, what: string): T => {
    const member = members.get(name);
    if (!is(member)) throw new DefinitionError(at(name), `${what} is expected`);
    return member;
  };
  const list = <T>(name: string, is: (one: unknown) => one is T, what: string): readonly T[] => {
    if (!members.has(name)) return [];
    return checked(name, (one): one is T[] => Array.isArray(one) && one.every(is), `a list of ${what}`);
  };
  const text = (name: string): string => checked(name, isText, 'a text');
  return {
    where,
    has: (name) => members.has(name),
    text,
    optionalText: (name) => (members.has(name) ? text(name) : undefined),
    flag: (name) => members.has(name) && checked(name, isFlag, 'true or false'),
    scalar: (name) => checked(name, isScalar, 'a text, number or boolean'),
    texts: (name) => list(name, isText, 'texts'),
    numbers: (name) => list(name, isNumber, 'numbers'),
    node: (name) => readNode(members.get(name), at(name)),
    nodes: (name) => list(name, isAnything, 'mappings').map((one, index) => readNode(one, `${at(name)}[${index}]`)),
    allow(...names) {
      const unknown = [...members.keys()].find((name) => !names.includes(name));
      if (unknown !== undefined) throw new DefinitionError(at(unknown), `unknown; allowed are ${names.join(', ')}`);
    },
  };
}

const isAnything = (value: unknown): value is unknown => value !== undefined;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isScalar = (value: unknown): value is Scalar => isText(value) || isNumber(value) || isFlag(value);
