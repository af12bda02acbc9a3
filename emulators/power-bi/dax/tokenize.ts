import { DaxError } from './dax-error.ts';

export type TokenKind = 'number' | 'text' | 'date' | 'quoted' | 'bracket' | 'word' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Without its quotes. */
  readonly text: string;
  readonly offset: number;
}

const PATTERNS: readonly (readonly [TokenKind | 'space', RegExp])[] = [
  ['space', /\s+|\/\/[^\n]*|--[^\n]*|\/\*[\s\S]*?\*\//y],
  ['date', /dt"([^"]*)"/iy],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy],
  ['text', /"((?:[^"]|"")*)"/y],
  ['quoted', /'((?:[^']|'')*)'/y],
  ['bracket', /\[((?:[^\]]|\]\])*)\]/y],
  ['word', /[\p{L}_][\p{L}\p{N}_.]*/uy],
  ['symbol', /&&|\|\||<>|<=|>=|==|[-+*/=<>(){},&^]/y],
];

const UNQUOTE: Readonly<Partial<Record<TokenKind, readonly [string, string]>>> = {
  text: ['""', '"'],
  quoted: ["''", "'"],
  bracket: [']]', ']'],
};

/** The words of a DAX text, comments left out, and an `end`. @throws DaxError at a character that begins none */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < source.length) {
    const { kind, text, length } = read(source, offset);
    if (kind !== 'space') tokens.push({ kind, text, offset });
    offset += length;
  }
  tokens.push({ kind: 'end', text: '', offset });
  return tokens;
}

function read(source: string, offset: number): { kind: TokenKind | 'space'; text: string; length: number } {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = offset;
    const match = pattern.exec(source);
    if (match === null) continue;
    const [escaped, plain] = (kind === 'space' ? undefined : UNQUOTE[kind]) ?? ['', ''];
    const text = match[1] ?? match[0];
    return { kind, text: escaped === '' ? text : text.replaceAll(escaped, plain), length: match[0].length };
  }
  throw syntaxError(source, offset, source[offset] ?? '');
}

/** The engine's way to say where a query is wrong. */
export function syntaxError(source: string, offset: number, what: string): DaxError {
  const before = source.slice(0, offset).split('\n');
  const position = `${before.length}, ${(before.at(-1) ?? '').length + 1}`;
  if (what === '') return new DaxError(`Query (${position}) The syntax is incorrect: the query ends too early.`);
  return new DaxError(`Query (${position}) The syntax for '${what}' is incorrect.`);
}
