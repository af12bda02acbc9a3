import { ExpressionError } from '../expression-error.ts';

/** An element, or as the root the document itself (its name is empty). */
export interface XmlElement {
  readonly kind: 'element';
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
  /** The element as it is written. */
  readonly xml: string;
}

/** Text, or an attribute's value. */
export interface XmlText {
  readonly kind: 'text';
  readonly text: string;
}

export type XmlNode = XmlElement | XmlText;

const MARKUP =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE[^>[]*(?:\[[\s\S]*?\])?[^>]*>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlNode[];
  readonly start: number;
}

/**
 * Parses well-formed XML; entities other than the five predefined and numbers are refused.
 * @throws ExpressionError
 */
export function parseXml(source: string): XmlElement {
  const invalid = (why: string): ExpressionError =>
    new ExpressionError(
      `The template language function 'xml' parameter is not valid. The provided value cannot be converted to XML: '${why}'.`,
    );
  const document: OpenElement = { name: '', attributes: new Map(), children: [], start: 0 };
  const open: OpenElement[] = [document];
  let at = 0;
  while (at < source.length) {
    const parent = open.at(-1) ?? document;
    if (source[at] !== '<') {
      const end = source.indexOf('<', at);
      const text = decode(source.slice(at, end === -1 ? source.length : end));
      at = end === -1 ? source.length : end;
      if (parent !== document) parent.children.push({ kind: 'text', text });
      else if (text.replace(/^\uFEFF/, '').trim() !== '') throw invalid('there is text outside the root element');
      continue;
    }
    MARKUP.lastIndex = at;
    const match = MARKUP.exec(source);
    if (match === null) throw invalid(`the markup at position ${at} is not well-formed`);
    const start = at;
    at = MARKUP.lastIndex;
    const [, data, closed, opened, attributes = '', empty] = match;
    if (data !== undefined) {
      parent.children.push({ kind: 'text', text: data });
    } else if (closed !== undefined) {
      if (parent === document || parent.name !== closed) throw invalid(`the end tag '${closed}' does not match`);
      open.pop();
      finish(parent, open.at(-1) ?? document, at);
    } else if (opened !== undefined) {
      const element: OpenElement = { name: opened, attributes: readAttributes(attributes), children: [], start };
      if (empty === '/') finish(element, parent, at);
      else open.push(element);
    }
  }
  if (open.length > 1) throw invalid(`the element '${open.at(-1)?.name}' is not closed`);
  if (document.children.length !== 1) throw invalid('there must be one root element');
  return { ...document, kind: 'element', xml: source };

  function finish({ start, ...element }: OpenElement, parent: OpenElement, end: number): void {
    parent.children.push({ ...element, kind: 'element', xml: source.slice(start, end) });
  }

  function decode(text: string): string {
    return text.replace(/&([^;\s]*);?/g, (entity, name: string) => {
      const code = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(name);
      const meant =
        code === null ? ENTITIES[name] : String.fromCodePoint(Number(code[1] === undefined ? code[2] : `0x${code[1]}`));
      if (meant === undefined || !entity.endsWith(';')) throw invalid(`the entity '${entity}' is not known`);
      return meant;
    });
  }

  function readAttributes(text: string): ReadonlyMap<string, string> {
    const pairs = text.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
    return new Map([...pairs].map(([, name = '', a, b]) => [name, decode(a ?? b ?? '')]));
  }
}

/** All text within a node. */
export function textWithin(node: XmlNode): string {
  return node.kind === 'text' ? node.text : node.children.map(textWithin).join('');
}
