import { ExpressionError } from './expression-error.ts';
import { nextToken, type Token, type TokenKind } from './tokens.ts';
import type { Value } from './value.ts';

/** An expression's syntax tree. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'select'; readonly from: Expression; readonly key: Expression; readonly optional: boolean };

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/**
 * Parses one expression (without its `@`) that begins at `start` and ends at the end of the text, or, within an
 * interpolated text, at the brace that closes it. Grammar: literal | name(args) | e.name | e?.name | e[e] | e?[e].
 * @throws ExpressionError
 */
export function parseExpression(
  source: string,
  start = 0,
  closing: 'EndOfData' | 'RightCurlyBrace' = 'EndOfData',
): { readonly expression: Expression; readonly end: number } {
  let next = start;
  let token = read();

  function read(): Token {
    const found = nextToken(source, next);
    next = found.next;
    return found.token;
  }

  function expect(kind: TokenKind): Token {
    if (token.kind !== kind) {
      const shown = source.slice(start);
      throw new ExpressionError(
        `Unable to parse template language expression '${shown}': expected token '${kind}' and actual '${token.kind}'.`,
      );
    }
    const found = token;
    if (kind !== closing) token = read();
    return found;
  }

  function accept(kind: TokenKind): boolean {
    if (token.kind !== kind) return false;
    token = read();
    return true;
  }

  function operand(): Expression {
    const { kind, text, position } = token;
    if (kind === 'StringLiteral') {
      token = read();
      return { kind: 'literal', value: text };
    }
    if (kind === 'Float') {
      token = read();
      return { kind: 'literal', value: Number(text) };
    }
    if (kind === 'Integer') {
      const value = BigInt(text.replace(/^\+/, ''));
      if (value < LEAST || value > MOST) {
        throw new ExpressionError(
          `The template language expression '${source.slice(start)}' is not valid: the value '${text}' at position '${position - start}' cannot be converted to number.`,
        );
      }
      token = read();
      return { kind: 'literal', value };
    }
    const name = expect('Identifier').text;
    if (token.kind !== 'LeftParenthesis') {
      const word = name.toLowerCase();
      if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
      if (word === 'null') return { kind: 'literal', value: null };
    }
    expect('LeftParenthesis');
    const args: Expression[] = [];
    if (!accept('RightParenthesis')) {
      do args.push(selection());
      while (accept('Comma'));
      expect('RightParenthesis');
    }
    return { kind: 'call', name, args };
  }

  function selection(): Expression {
    let result = operand();
    for (;;) {
      const optional = accept('QuestionMark');
      if (accept('Dot')) {
        const name = expect('Identifier').text;
        result = { kind: 'select', from: result, key: { kind: 'literal', value: name }, optional };
      } else if (accept('LeftSquareBracket')) {
        const key = selection();
        expect('RightSquareBracket');
        result = { kind: 'select', from: result, key, optional };
      } else if (optional) {
        expect('Dot');
      } else {
        return result;
      }
    }
  }

  const expression = selection();
  expect(closing);
  return { expression, end: next };
}
