import type { ReadAggregate } from './aggregate-reader.ts';
import { AGGREGATES, type Leaf, readLeaf } from './aggregates.ts';
import { calculate, divide, truth, type Value } from './arithmetic.ts';
import { DaxError, unsupported } from './dax-error.ts';
import { applyModifiers, type FilterContext } from './filter-context.ts';
import type { ColumnOf, Scope } from './scope.ts';
import type { Expression } from './syntax.ts';

/** An expression ready to give its value for every row of the axis. */
export interface Evaluated {
  /** The value in the row with these values of the group columns. */
  value(row: readonly Value[]): Value;
  /** Whether it is BLANK in every row for which no aggregate over all group columns has a value. */
  readonly sparse: boolean;
  /** Those aggregates. */
  readonly leaves: readonly Leaf[];
}

/** What an expression is evaluated with. */
export interface Evaluation {
  readonly scope: Scope;
  /** The group columns of the query, in their order. */
  readonly axis: readonly ColumnOf[];
  readonly readAggregate: ReadAggregate;
}

interface Environment extends Evaluation {
  readonly context: FilterContext;
  readonly variables: ReadonlyMap<string, Evaluated>;
  /** Measures that are being evaluated, to find circles. */
  readonly path: readonly string[];
}

/** Evaluates a scalar expression for all rows of the axis at once: each aggregate becomes one grouped query. @throws DaxError */
export function evaluate(evaluation: Evaluation, context: FilterContext, expression: Expression): Promise<Evaluated> {
  return visit({ ...evaluation, context, variables: new Map(), path: [] }, expression);
}

async function visit(env: Environment, expression: Expression): Promise<Evaluated> {
  switch (expression.kind) {
    case 'literal': {
      const value = expression.value instanceof Date ? expression.value.toISOString().slice(0, 19) : expression.value;
      return { value: () => value, sparse: value === null, leaves: [] };
    }
    case 'bracket':
      return visitMeasure(env, expression.name);
    case 'name': {
      const variable = env.variables.get(expression.name.toLowerCase());
      if (variable !== undefined) return variable;
      throw new DaxError(
        `Failed to resolve name '${expression.name}'. It is not a valid table, variable, or function name.`,
      );
    }
    case 'variables': {
      const variables = new Map(env.variables);
      for (const one of expression.variables) {
        variables.set(one.name.toLowerCase(), await visit({ ...env, variables }, one.expression));
      }
      return visit({ ...env, variables }, expression.result);
    }
    case 'binary': {
      const { operator } = expression;
      const [left, right] = await Promise.all([visit(env, expression.left), visit(env, expression.right)]);
      const sparse =
        operator === '+' || operator === '-'
          ? left.sparse && right.sparse
          : (operator === '*' && (left.sparse || right.sparse)) || (operator === '/' && left.sparse);
      return combine([left, right], sparse, (row) => calculate(operator, left.value(row), right.value(row)));
    }
    case 'minus': {
      const operand = await visit(env, expression.operand);
      return combine([operand], operand.sparse, (row) => calculate('*', -1, operand.value(row)));
    }
    case 'not': {
      const operand = await visit(env, expression.operand);
      return combine([operand], false, (row) => !truth(operand.value(row)));
    }
    case 'call':
      return visitCall(env, expression.name, expression.args);
    case 'column':
      throw new DaxError(
        `A single value for column '${expression.column}' in table '${expression.table}' cannot be determined. ` +
          'This can happen when a measure formula refers to a column that contains many values without specifying an aggregation ' +
          'such as min, max, count, or sum to get a single result.',
      );
    case 'in':
    case 'set':
      throw unsupported('A list of values outside a filter');
  }
}

function visitMeasure(env: Environment, name: string): Promise<Evaluated> {
  const key = name.toLowerCase();
  if (env.path.includes(key))
    throw new DaxError(`A circular dependency was detected: ${[...env.path, key].join(', ')}.`);
  return visit({ ...env, variables: new Map(), path: [...env.path, key] }, env.scope.measure(name));
}

const SCALAR_FUNCTIONS: ReadonlySet<string> = new Set(['DIVIDE', 'IF', 'ISBLANK', 'NOT', 'COALESCE']);

async function visitCall(env: Environment, name: string, args: readonly Expression[]): Promise<Evaluated> {
  if (name in AGGREGATES) return visitAggregate(env, name, args);
  if (name === 'CALCULATE') {
    const [expression, ...modifiers] = args;
    if (expression === undefined) throw arity(name);
    return visit({ ...env, context: applyModifiers(env.scope, env.context, modifiers) }, expression);
  }
  if (!SCALAR_FUNCTIONS.has(name)) throw unsupported(`The function ${name}`);
  const operands = await Promise.all(args.map((one) => visit(env, one)));
  const [first, second, third, fourth] = operands;
  switch (name) {
    case 'DIVIDE': {
      if (first === undefined || second === undefined || fourth !== undefined) throw arity(name);
      const sparse = first.sparse && (third?.sparse ?? true);
      return combine(operands, sparse, (row) => divide(first.value(row), second.value(row), third?.value(row) ?? null));
    }
    case 'IF': {
      if (first === undefined || second === undefined || fourth !== undefined) throw arity(name);
      const sparse = second.sparse && (third?.sparse ?? true);
      return combine(operands, sparse, (row) =>
        truth(first.value(row)) ? second.value(row) : (third?.value(row) ?? null),
      );
    }
    case 'ISBLANK':
      if (first === undefined || second !== undefined) throw arity(name);
      return combine(operands, false, (row) => first.value(row) === null);
    case 'NOT':
      if (first === undefined || second !== undefined) throw arity(name);
      return combine(operands, false, (row) => !truth(first.value(row)));
    default: // COALESCE
      if (second === undefined) throw arity(name);
      return combine(
        operands,
        operands.every(({ sparse }) => sparse),
        (row) => operands.reduce<Value>((found, one) => found ?? one.value(row), null),
      );
  }
}

async function visitAggregate(env: Environment, name: string, args: readonly Expression[]): Promise<Evaluated> {
  const leaf = await readLeaf(env, env.context, name, args);
  return { value: (row) => leaf.value(row), sparse: leaf.complete, leaves: leaf.complete ? [leaf] : [] };
}

function combine(parts: readonly Evaluated[], sparse: boolean, value: Evaluated['value']): Evaluated {
  return { value, sparse, leaves: parts.flatMap(({ leaves }) => leaves) };
}

function arity(name: string): DaxError {
  return new DaxError(`The number of arguments for the ${name} function is wrong.`);
}
