import { ExpressionError } from '../expression-error.ts';
import { textWithin, type XmlElement, type XmlNode } from './parse-xml.ts';

type Predicate = (node: XmlNode, position: number, size: number) => boolean;

interface Step {
  readonly descend: boolean;
  readonly test: string;
  readonly predicates: readonly Predicate[];
}

/**
 * Evaluates the part of XPath 1.0 that pipelines use: paths of names, `*`, `@name`, `text()`, `.`, with `/` and `//`;
 * predicates `[2]`, `[last()]`, `[@a='x']`, `[b='x']`, `[b]`, `[local-name()='x']`; around a path `string`, `number`,
 * `sum`, `count`, `boolean` and `name`.
 * @throws ExpressionError that names what is not understood.
 */
export function evaluateXPath(document: XmlElement, path: string): string | number | boolean | XmlNode[] {
  const text = path.trim();
  const call = /^(string|number|sum|count|boolean|name)\s*\((.*)\)$/s.exec(text);
  if (call === null) return select(document, text);
  const [, name, inner = ''] = call;
  const nodes = select(document, inner.trim());
  const [first] = nodes;
  switch (name) {
    case 'string':
      return first === undefined ? '' : textWithin(first);
    case 'number':
      return first === undefined ? Number.NaN : toNumber(first);
    case 'sum':
      return nodes.reduce((total, node) => total + toNumber(node), 0);
    case 'count':
      return nodes.length;
    case 'boolean':
      return nodes.length > 0;
    default:
      return first?.kind === 'element' ? first.name : '';
  }
}

function toNumber(node: XmlNode): number {
  const text = textWithin(node).trim();
  return text === '' ? Number.NaN : Number(text);
}

function select(document: XmlElement, path: string): XmlNode[] {
  let nodes: XmlNode[] = [document];
  for (const { descend, test, predicates } of readSteps(path)) {
    const found = nodes.flatMap((node) => {
      const from = descend ? [node, ...descendants(node)] : [node];
      return from.flatMap((origin) =>
        predicates.reduce(
          (candidates, keeps) => candidates.filter((node, at) => keeps(node, at + 1, candidates.length)),
          take(origin, test),
        ),
      );
    });
    nodes = [...new Set(found)];
  }
  return nodes;
}

function descendants(node: XmlNode): XmlNode[] {
  return node.kind === 'text' ? [] : node.children.flatMap((child) => [child, ...descendants(child)]);
}

function take(node: XmlNode, test: string): XmlNode[] {
  if (test === '.') return [node];
  if (node.kind === 'text') return [];
  if (test.startsWith('@')) {
    const names = test === '@*' ? [...node.attributes.keys()] : [test.slice(1)];
    return names.flatMap((name) => {
      const text = node.attributes.get(name);
      return text === undefined ? [] : [{ kind: 'text' as const, text }];
    });
  }
  if (test === 'text()') return node.children.filter((child) => child.kind === 'text');
  return node.children.filter((child) => child.kind === 'element' && (test === '*' || child.name === test));
}

function readSteps(path: string): Step[] {
  const steps: Step[] = [];
  const pattern = /(\/{0,2})(@?(?:[\p{L}_][\p{L}\p{N}_.:-]*|\*)(?:\(\))?|\.)((?:\[(?:[^\]'"]|'[^']*'|"[^"]*")*\])*)/uy;
  if (path === '/') return steps;
  while (pattern.lastIndex < path.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(path);
    if (match === null || (at > 0 && match[1] === '')) throw notUnderstood(path);
    const [, slashes, test = '', conditions = ''] = match;
    if (test.endsWith('()') && test !== 'text()') throw notUnderstood(path);
    const predicates = [...conditions.matchAll(/\[((?:[^\]'"]|'[^']*'|"[^"]*")*)\]/g)].map(([, condition = '']) =>
      readPredicate(condition.trim(), path),
    );
    steps.push({ descend: slashes === '//', test, predicates });
  }
  return steps;
}

function readPredicate(condition: string, path: string): Predicate {
  if (/^\d+$/.test(condition)) return (_, position) => position === Number(condition);
  if (condition === 'last()') return (_, position, size) => position === size;
  const comparison = /^(.+?)\s*(!?=)\s*(?:'([^']*)'|"([^"]*)"|(\d+(?:\.\d+)?))$/.exec(condition);
  const [, left = condition, operator, single, double, number] = comparison ?? [];
  const wanted = single ?? double;
  const isWanted = (text: string): boolean => {
    if (operator === undefined) return true;
    return (number === undefined ? text === wanted : Number(text) === Number(number)) === (operator === '=');
  };
  if (left === 'local-name()' || left === 'name()') {
    return (node) => {
      if (node.kind === 'text') return false;
      return isWanted(left === 'name()' ? node.name : (node.name.split(':').at(-1) ?? ''));
    };
  }
  const steps = readSteps(left);
  if (steps.length !== 1) throw notUnderstood(path);
  const [{ test } = { test: '.' }] = steps;
  return (node) => take(node, test).some((found) => isWanted(textWithin(found)));
}

function notUnderstood(path: string): ExpressionError {
  return new ExpressionError(
    `The template language function 'xpath' parameters are not valid: the path '${path}' is outside the part of XPath 1.0 that this emulator knows (see its README).`,
  );
}
