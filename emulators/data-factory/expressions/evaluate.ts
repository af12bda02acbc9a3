import type { EvaluationContext } from './context.ts';
import { ExpressionError } from './expression-error.ts';
import { expectBoolean } from './functions/arguments.ts';
import { functionNamed } from './functions/index.ts';
import { textOf } from './functions/text-of.ts';
import type { Expression } from './parse-expression.ts';
import { parseTemplate } from './parse-template.ts';
import { propertyNamed } from './property.ts';
import { isArray, isObject, toValue, typeName, type Value } from './value.ts';

const HELP = 'Please see https://aka.ms/logicexpressions for usage details.';

/**
 * The value of a string as Data Factory understands it: text stays text, `@x` gives a typed value, `@{x}` is put into the
 * text around it.
 * @throws ExpressionError with the engine's message.
 */
export function evaluateText(source: string, context: EvaluationContext): Value {
  const template = parseTemplate(source);
  switch (template.kind) {
    case 'text':
      return template.text;
    case 'expression':
      return evaluate(template.expression, context, template.source);
    case 'interpolation':
      return template.parts
        .map((part) => (typeof part === 'string' ? part : textOf(evaluate(part.expression, context, part.source))))
        .join('');
  }
}

/** Evaluates every string within a JSON document; `{"type": "Expression", "value": "@…"}` becomes what it evaluates to. */
export function evaluateDocument(document: unknown, context: EvaluationContext): Value {
  if (typeof document === 'string') return evaluateText(document, context);
  if (Array.isArray(document)) return document.map((item) => evaluateDocument(item, context));
  if (typeof document !== 'object' || document === null) return toValue(document);
  if ('type' in document && document.type === 'Expression' && 'value' in document) {
    return evaluateDocument(document.value, context);
  }
  return Object.fromEntries(Object.entries(document).map(([key, item]) => [key, evaluateDocument(item, context)]));
}

function evaluate(expression: Expression, context: EvaluationContext, source: string): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'select': {
      const from = evaluate(expression.from, context, source);
      return select(from, evaluate(expression.key, context, source), expression.optional, source);
    }
    case 'call':
      return call(expression.name, expression.args, context, source);
  }
}

function call(name: string, args: readonly Expression[], context: EvaluationContext, source: string): Value {
  const value = (at: number): Value => {
    const arg = args[at];
    return arg === undefined ? null : evaluate(arg, context, source);
  };
  // These three look at an argument only when they need it.
  switch (name.toLowerCase()) {
    case 'if': {
      if (args.length !== 3) throw wrongCount('if', 'three parameters', args.length);
      return expectBoolean('if', value(0), 'its first parameter') ? value(1) : value(2);
    }
    case 'and':
    case 'or': {
      const word = name.toLowerCase();
      if (args.length < 2) throw wrongCount(word, 'at least two parameters', args.length);
      const decisive = word === 'or';
      return args.some((_, at) => expectBoolean(word, value(at), 'its parameters') === decisive) ? decisive : !decisive;
    }
  }
  const found = functionNamed(name);
  if (found === undefined) throw new ExpressionError(`The template function '${name}' is not defined or not valid.`);
  return found(
    args.map((_, at) => value(at)),
    context,
  );
}

function wrongCount(name: string, expected: string, actual: number): ExpressionError {
  return new ExpressionError(
    `The template language function '${name}' expects ${expected}. The function was invoked with '${actual}' parameter(s). Please see https://aka.ms/logicexpressions#${name} for usage details.`,
  );
}

function select(from: Value, key: Value, optional: boolean, source: string): Value {
  const fail = (why: string): ExpressionError =>
    new ExpressionError(`The template language expression '${source}' cannot be evaluated because ${why} ${HELP}`);
  if (from === null && optional) return null;
  if (isArray(from)) {
    if (typeof key === 'number') throw fail(`property '${textOf(key)}' cannot be selected.`);
    if (typeof key !== 'bigint') {
      throw fail(
        `property '${textOf(key)}' cannot be selected. Array elements can only be selected using an integer index.`,
      );
    }
    const found = key < 0n ? undefined : from[Number(key)];
    if (found !== undefined) return found;
    if (optional) return null;
    throw fail(
      from.length === 0
        ? `array index '${key}' cannot be selected from empty array.`
        : `array index '${key}' is outside bounds (0, ${from.length - 1}) of array.`,
    );
  }
  if (!isObject(from)) {
    throw fail(
      `property '${textOf(key)}' cannot be selected. Property selection is not supported on values of type '${typeName(from)}'.`,
    );
  }
  if (typeof key !== 'string') throw fail(`property '${textOf(key)}' cannot be selected.`);
  const property = propertyNamed(from, key);
  if (property !== undefined) return property;
  if (optional) return null;
  throw fail(`property '${key}' doesn't exist, available properties are '${Object.keys(from).join(', ')}'.`);
}
