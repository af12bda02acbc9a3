import { RequestProblem } from '../http/problem.ts';

/** A token of Spark SQL; blanks and comments are left out. */
export interface Token {
  readonly kind: 'word' | 'string' | 'quoted' | 'symbol';
  readonly text: string;
  readonly position: number;
}

const BLANK = /\s+|--[^\r\n]*/y;
const RAW_STRING = /r(?:'[^']*'|"[^"]*")/iy;
const STRING = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const QUOTED = /`(?:[^`]|``)*`/y;
const WORD = /[\p{L}\p{N}_]+/uy;

/**
 * Cuts a statement into tokens as Spark's lexer does: strings with backslash escapes, raw strings, names in backquotes,
 * line comments, and bracketed comments, which nest.
 * Source: spark.apache.org/docs/latest/sql-ref-literals.html and sql-ref-identifier.html.
 * @throws RequestProblem 400 when a string, a name or a comment has no end
 */
export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    return pattern.exec(sql)?.[0];
  };
  while (position < sql.length) {
    const blank = match(BLANK);
    if (blank !== undefined) position += blank.length;
    else if (sql.startsWith('/*', position)) position = endOfComment(sql, position);
    else {
      const token = next(sql, position, match);
      tokens.push(token);
      position += token.text.length;
    }
  }
  return tokens;
}

function next(sql: string, position: number, match: (pattern: RegExp) => string | undefined): Token {
  const string = match(RAW_STRING) ?? match(STRING);
  if (string !== undefined) return { kind: 'string', text: string, position };
  const quoted = match(QUOTED);
  if (quoted !== undefined) return { kind: 'quoted', text: quoted, position };
  const word = match(WORD);
  if (word !== undefined) return { kind: 'word', text: word, position };
  const symbol = sql[position] ?? '';
  if (['"', "'", '`'].includes(symbol)) throw unfinished(`The ${symbol}`, sql, position);
  return { kind: 'symbol', text: symbol, position };
}

function endOfComment(sql: string, start: number): number {
  let depth = 1;
  let position = start + 2;
  while (depth > 0) {
    if (position >= sql.length) throw unfinished('The comment', sql, start);
    const pair = sql.slice(position, position + 2);
    if (pair === '/*') depth += 1;
    if (pair === '*/') depth -= 1;
    position += pair === '/*' || pair === '*/' ? 2 : 1;
  }
  return position;
}

function unfinished(what: string, sql: string, position: number): RequestProblem {
  const line = sql.slice(0, position).split('\n').length;
  return new RequestProblem(400, `${what} that begins in line ${line} of the statement has no end.`);
}
