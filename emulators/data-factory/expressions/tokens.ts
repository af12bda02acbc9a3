import { ExpressionError } from './expression-error.ts';

export type TokenKind =
  | 'Identifier'
  | 'StringLiteral'
  | 'Integer'
  | 'Float'
  | 'LeftParenthesis'
  | 'RightParenthesis'
  | 'LeftSquareBracket'
  | 'RightSquareBracket'
  | 'Comma'
  | 'Dot'
  | 'QuestionMark'
  | 'RightCurlyBrace'
  | 'EndOfData';

export interface Token {
  readonly kind: TokenKind;
  /** The text; of a string literal, what it stands for. */
  readonly text: string;
  readonly position: number;
}

const PUNCTUATION: Readonly<Record<string, TokenKind>> = {
  '(': 'LeftParenthesis',
  ')': 'RightParenthesis',
  '[': 'LeftSquareBracket',
  ']': 'RightSquareBracket',
  ',': 'Comma',
  '.': 'Dot',
  '?': 'QuestionMark',
  '}': 'RightCurlyBrace',
};

/** The token that begins at or after `from`, and where the next one may begin. White space counts for nothing. */
export function nextToken(source: string, from: number): { readonly token: Token; readonly next: number } {
  let at = from;
  while (/\s/.test(source[at] ?? '')) at += 1;
  const make = (kind: TokenKind, text: string, length: number) => ({
    token: { kind, text, position: at },
    next: at + length,
  });
  const character = source[at];
  if (character === undefined) return make('EndOfData', '', 0);
  if (character === "'") return stringLiteral(source, at);
  const number = /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?/.exec(source.slice(at));
  if (number !== null) return make(/[.eE]/.test(number[0]) ? 'Float' : 'Integer', number[0], number[0].length);
  const name = /^[\p{L}_$][\p{L}\p{N}_$-]*/u.exec(source.slice(at));
  if (name !== null) return make('Identifier', name[0], name[0].length);
  const kind = PUNCTUATION[character];
  if (kind !== undefined) return make(kind, character, 1);
  throw new ExpressionError(
    `The template language expression '${source}' is not valid: the character '${character}' at position '${at}' is not expected.`,
  );
}

/** Strings have single quotes; a doubled one stands for itself, a backslash for a backslash. */
function stringLiteral(source: string, start: number): { readonly token: Token; readonly next: number } {
  let text = '';
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] !== "'") {
      text += source[at];
    } else if (source[at + 1] === "'") {
      text += "'";
      at += 1;
    } else {
      return { token: { kind: 'StringLiteral', text, position: start }, next: at + 1 };
    }
  }
  throw new ExpressionError(
    `The template language expression '${source}' is not valid: the string literal at position '${start}' is not terminated.`,
  );
}
