import { DaxError, unsupported } from './dax-error.ts';
import type { BinaryOperator, Expression, Variable } from './syntax.ts';
import type { TokenReader } from './token-reader.ts';

/** Binary operators from the loosest to the tightest; NOT stands between && and the comparisons. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['=', '==', '<>', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
];
const COMPARISON = 2;

/** Reads one expression: a scalar, a table or a filter. @throws DaxError */
export function parseExpression(tokens: TokenReader): Expression {
  return tokens.peek().kind === 'word' && tokens.peek().text.toUpperCase() === 'VAR'
    ? readVariables(tokens)
    : readLevel(tokens, 0);
}

function readVariables(tokens: TokenReader): Expression {
  const variables: Variable[] = [];
  while (tokens.takeWord('VAR')) {
    const name = tokens.take();
    if (name.kind !== 'word') throw tokens.error();
    tokens.expectSymbol('=');
    variables.push({ name: name.text, expression: parseExpression(tokens) });
  }
  tokens.expectWord('RETURN');
  return { kind: 'variables', variables, result: parseExpression(tokens) };
}

function readLevel(tokens: TokenReader, level: number): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return readUnary(tokens);
  if (level === COMPARISON && tokens.takeWord('NOT')) return { kind: 'not', operand: readLevel(tokens, level) };
  let left = readLevel(tokens, level + 1);
  for (;;) {
    if (level === COMPARISON && tokens.takeWord('IN')) {
      left = { kind: 'in', operand: left, values: readSet(tokens) };
      continue;
    }
    const operator = tokens.takeSymbol(...operators) as BinaryOperator | undefined;
    if (operator === undefined) break;
    left = { kind: 'binary', operator, left, right: readLevel(tokens, level + 1) };
  }
  const { kind, text } = tokens.peek();
  if (kind === 'symbol' && (text === '&' || text === '^')) throw unsupported(`The operator ${text}`);
  return left;
}

function readUnary(tokens: TokenReader): Expression {
  if (tokens.takeSymbol('-') !== undefined) {
    const operand = readUnary(tokens);
    if (operand.kind === 'literal' && typeof operand.value === 'number') {
      return { kind: 'literal', value: -operand.value };
    }
    return { kind: 'minus', operand };
  }
  tokens.takeSymbol('+');
  return readPrimary(tokens);
}

function readPrimary(tokens: TokenReader): Expression {
  const token = tokens.peek();
  if (token.kind === 'symbol' && token.text === '{') return { kind: 'set', values: readSet(tokens) };
  if (tokens.takeSymbol('(') !== undefined) {
    const expression = parseExpression(tokens);
    tokens.expectSymbol(')');
    return expression;
  }
  tokens.take();
  switch (token.kind) {
    case 'number':
      return { kind: 'literal', value: Number(token.text) };
    case 'text':
      return { kind: 'literal', value: token.text };
    case 'date':
      return { kind: 'literal', value: dateOf(token.text) };
    case 'bracket':
      return { kind: 'bracket', name: token.text };
    case 'quoted':
    case 'word':
      if (tokens.peek().kind === 'bracket') return { kind: 'column', table: token.text, column: tokens.take().text };
      if (token.kind === 'quoted') return { kind: 'name', name: token.text };
      if (tokens.takeSymbol('(') !== undefined) return call(token.text.toUpperCase(), readArguments(tokens));
      if (/^(TRUE|FALSE)$/i.test(token.text)) return { kind: 'literal', value: /^t/i.test(token.text) };
      return { kind: 'name', name: token.text };
    default:
      throw tokens.error();
  }
}

/** Calls that are constants become literals. */
function call(name: string, args: readonly Expression[]): Expression {
  if (args.length === 0 && name === 'BLANK') return { kind: 'literal', value: null };
  if (args.length === 0 && (name === 'TRUE' || name === 'FALSE')) return { kind: 'literal', value: name === 'TRUE' };
  if (name !== 'DATE') return { kind: 'call', name, args };
  const [year, month, day] = args.map((one) => (one.kind === 'literal' ? one.value : undefined));
  if (typeof year !== 'number' || typeof month !== 'number' || typeof day !== 'number' || args.length !== 3) {
    throw unsupported('DATE of anything but three numbers');
  }
  return { kind: 'literal', value: new Date(Date.UTC(year, month - 1, day)) };
}

function readArguments(tokens: TokenReader): readonly Expression[] {
  const args: Expression[] = [];
  if (tokens.takeSymbol(')') !== undefined) return args;
  do args.push(parseExpression(tokens));
  while (tokens.takeSymbol(',') !== undefined);
  tokens.expectSymbol(')');
  return args;
}

function readSet(tokens: TokenReader): readonly Expression[] {
  const values: Expression[] = [];
  tokens.expectSymbol('{');
  do values.push(parseExpression(tokens));
  while (tokens.takeSymbol(',') !== undefined);
  tokens.expectSymbol('}');
  return values;
}

function dateOf(text: string): Date {
  const parsed = new Date(/T|\s/.test(text) ? `${text.replace(' ', 'T')}Z` : `${text}T00:00:00Z`);
  if (Number.isNaN(parsed.getTime())) throw new DaxError(`The value dt"${text}" is not a date.`);
  return parsed;
}
