import { type Token, tokenize } from '../sql/tokens.ts';

/** A SELECT as far as an explanation looks into it. */
export interface Select {
  /** Expressions by the name that they have in the result, lower case. */
  readonly items: ReadonlyMap<string, string>;
  /** Where the rows come from, in lower case: tables or named queries, by the name that they are called here. */
  readonly sources: readonly string[];
  readonly where?: string;
  readonly having: boolean;
}

/** A statement of the shape `WITH a AS (…), … SELECT …`. */
export interface SelectStatement {
  readonly named: ReadonlyMap<string, Select>;
  readonly main: Select;
}

const ENDS_OF_FROM = new Set(['WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'UNION', 'EXCEPT', 'INTERSECT', 'WINDOW']);

/** Reads the SELECT of an insight; undefined when it has another shape, such as a UNION. */
export function parseSelectStatement(sql: string): SelectStatement | undefined {
  const tokens = tokenize(sql);
  const named = new Map<string, Select>();
  let position = 0;
  if (isWord(tokens[0], 'WITH')) {
    do {
      const name = tokens[position + 1];
      const open = position + 3;
      if (name === undefined || !isWord(tokens[position + 2], 'AS') || tokens[open]?.text !== '(') return undefined;
      const close = closing(tokens, open);
      const select = parseSelect(tokens.slice(open + 1, close));
      if (select === undefined) return undefined;
      named.set(nameOf(name), select);
      position = close + 1;
    } while (tokens[position]?.text === ',');
  }
  const rest = tokens.slice(position).filter(({ text }, index, all) => !(text === ';' && index === all.length - 1));
  const main = parseSelect(rest);
  return main && { named, main };
}

/** The text of tokens, with a blank wherever the source had a blank or a comment. */
export function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token, index) => {
      const before = tokens[index - 1];
      return before !== undefined && before.position + before.text.length < token.position
        ? ` ${token.text}`
        : token.text;
    })
    .join('');
}

/** The index of the parenthesis that closes the one at `open`. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    if (tokens[index]?.text === '(') depth += 1;
    if (tokens[index]?.text === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
}

/** Splits tokens at a symbol that stands outside all parentheses. */
export function splitAt(tokens: readonly Token[], symbol: string): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (depth === 0 && token.text === symbol) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Whether a token is this word, in any case. */
export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === word;
}

/** A name without its backquotes, in lower case: Spark's names differ by case in nothing. */
export function nameOf({ kind, text }: Token): string {
  return (kind === 'quoted' ? text.slice(1, -1).replaceAll('``', '`') : text).toLowerCase();
}

function parseSelect(tokens: readonly Token[]): Select | undefined {
  if (!isWord(tokens[0], 'SELECT') || isWord(tokens[1], 'DISTINCT')) return undefined;
  const from = clause(tokens, 1, new Set(['FROM']));
  if (from === tokens.length) return undefined;
  const endOfFrom = clause(tokens, from + 1, ENDS_OF_FROM);
  const last = tokens[endOfFrom];
  if (isWord(last, 'UNION') || isWord(last, 'EXCEPT') || isWord(last, 'INTERSECT')) return undefined;
  const endOfWhere = isWord(last, 'WHERE') ? clause(tokens, endOfFrom + 1, ENDS_OF_FROM) : endOfFrom;
  return {
    items: new Map(splitAt(tokens.slice(1, from), ',').flatMap(item)),
    sources: sourcesOf(tokens.slice(from + 1, endOfFrom)),
    ...(isWord(last, 'WHERE') ? { where: textOf(tokens.slice(endOfFrom + 1, endOfWhere)) } : {}),
    having: clause(tokens, 0, new Set(['HAVING', 'LIMIT'])) < tokens.length,
  };
}

function item(tokens: readonly Token[]): readonly (readonly [string, string])[] {
  const last = tokens.at(-1);
  if (last === undefined) return [];
  const hasAs = isWord(tokens.at(-2), 'AS');
  if (!hasAs && tokens.length > 1 && tokens.at(-2)?.text !== '.') return [];
  return [[nameOf(last), textOf(hasAs ? tokens.slice(0, -2) : tokens)]];
}

/** Names right after FROM, a comma or JOIN. */
function sourcesOf(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token, index) => {
    const before = tokens[index - 1];
    const begins = before === undefined || before.text === ',' || isWord(before, 'JOIN');
    return begins && token.text !== '(' ? [nameOf(token)] : [];
  });
}

function clause(tokens: readonly Token[], start: number, words: ReadonlySet<string>): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.text === '(') depth += 1;
    if (token?.text === ')') depth -= 1;
    if (depth === 0 && token?.kind === 'word' && words.has(token.text.toUpperCase())) return index;
  }
  return tokens.length;
}
