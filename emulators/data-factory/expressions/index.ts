export type { EvaluationContext } from './context.ts';
export { evaluateDocument, evaluateText } from './evaluate.ts';
export { ExpressionError } from './expression-error.ts';
export { DATA_FACTORY_FUNCTIONS } from './functions/index.ts';
export { parseJson, writeJson } from './json-text.ts';
export { type Expression, parseExpression } from './parse-expression.ts';
export { parseTemplate } from './parse-template.ts';
export { isArray, isObject, type ObjectValue, toPlain, toValue, type Value } from './value.ts';
