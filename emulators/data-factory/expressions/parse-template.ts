import { ExpressionError } from './expression-error.ts';
import { type Expression, parseExpression } from './parse-expression.ts';

/** What a string of a pipeline's JSON means. */
export type Template =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly source: string }
  | { readonly kind: 'interpolation'; readonly parts: readonly (string | Part)[] };

/** One `@{…}` of a text. */
export interface Part {
  readonly expression: Expression;
  readonly source: string;
}

const KEPT = 1000;
const cache = new Map<string, Template>();

/**
 * Tells text, `@expression` and text with `@{…}` apart. `@@` escapes: `@@{` stands for `@{` anywhere.
 * @throws ExpressionError when an expression cannot be parsed.
 */
export function parseTemplate(source: string): Template {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const template = read(source);
  if (cache.size >= KEPT) cache.clear();
  cache.set(source, template);
  return template;
}

function read(source: string): Template {
  if (source.startsWith('@@') && !source.includes('@{')) return { kind: 'text', text: escapedText(source) };
  if (source.startsWith('@') && !source.startsWith('@{') && !source.startsWith('@@')) {
    const text = source.slice(1);
    return { kind: 'expression', expression: parseExpression(text).expression, source: text };
  }
  return source.includes('@{') ? interpolation(source) : { kind: 'text', text: source };
}

/**
 * An escaped text loses one `@`; but one that would be an expression as a whole loses both: so did the engine answer
 * for `@@pipeline()`, and `@` for `@@`.
 */
function escapedText(source: string): string {
  try {
    parseExpression(source.slice(2));
    return source.slice(2);
  } catch (error) {
    if (error instanceof ExpressionError) return source.slice(1);
    throw error;
  }
}

function interpolation(source: string): Template {
  const parts: (string | Part)[] = [];
  let text = '';
  let at = 0;
  while (at < source.length) {
    if (source.startsWith('@@{', at)) {
      text += '@{';
      at += 3;
    } else if (source.startsWith('@{', at)) {
      const { expression, end } = parseExpression(source, at + 2, 'RightCurlyBrace');
      if (text !== '') parts.push(text);
      text = '';
      parts.push({ expression, source: source.slice(at + 2, end - 1) });
      at = end;
    } else {
      text += source[at];
      at += 1;
    }
  }
  if (parts.length === 0) return { kind: 'text', text };
  if (text !== '') parts.push(text);
  return { kind: 'interpolation', parts };
}
