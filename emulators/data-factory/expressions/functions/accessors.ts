import type { EvaluationContext } from '../context.ts';
import { ExpressionError } from '../expression-error.ts';
import { propertyNamed } from '../property.ts';
import type { ObjectValue, Value } from '../value.ts';
import { type Builtin, expectCount, expectString } from './arguments.ts';

/** A run that no trigger started has a trigger too, with nothing in it. */
const NO_TRIGGER: ObjectValue = { outputs: { body: null } };

function scope(name: string, find: (context: EvaluationContext) => Value | undefined): Builtin {
  return (args, context) => {
    expectCount(name, args, 0, 0);
    const value = find(context);
    if (value !== undefined) return value;
    throw new ExpressionError(
      `The template function '${name}' is not expected at this location. It exists only where there is a ${name}.`,
    );
  };
}

/** What reads the surroundings of an expression. */
export const accessorFunctions: Readonly<Record<string, Builtin>> = {
  pipeline: scope('pipeline', ({ pipeline }) => pipeline),
  item: scope('item', ({ item }) => item),
  trigger: scope('trigger', ({ trigger }) => trigger ?? NO_TRIGGER),
  dataset: scope('dataset', ({ dataset }) => dataset),
  linkedService: scope('linkedService', ({ linkedService }) => linkedService),
  activity: (args, { activities = {} }) => {
    expectCount('activity', args, 1, 1);
    const name = expectString('activity', args[0]);
    const found = propertyNamed(activities, name);
    if (found !== undefined) return found;
    throw new ExpressionError(
      `Template language expression cannot be evaluated: the template action '${name}' is not defined at current scope.`,
    );
  },
  variables: (args, { variables = {} }) => {
    expectCount('variables', args, 1, 1);
    const name = expectString('variables', args[0]);
    const found = propertyNamed(variables, name);
    if (found !== undefined) return found;
    throw new ExpressionError(
      `Template language expression cannot be evaluated: the template variable '${name}' cannot be found.`,
    );
  },
};
