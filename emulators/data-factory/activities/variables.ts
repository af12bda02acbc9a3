import { DefinitionError, optionalBoolean, requiredString } from '../definitions/json.ts';
import { readPipeline } from '../definitions/pipeline.ts';
import type { ActivityContext, ActivityRunner } from '../engine/activity-context.ts';
import { isArray, isObject, type ObjectValue, type Value } from '../expressions/index.ts';

const RETURN_VALUE = 'pipelineReturnValue';

/** SetVariable: a variable, or the pipeline's return value. */
export const setVariable: ActivityRunner = (context) => {
  const { typeProperties } = context.activity;
  const name = requiredString(typeProperties, 'variableName', 'the SetVariable activity');
  if (name === RETURN_VALUE && optionalBoolean(typeProperties, 'setSystemVariable') === true) {
    const returned = returnValue(context, typeProperties.value);
    context.setInput({ variableName: name, value: returned });
    return {
      output: { name, value: returned },
      update: (state) => ({ ...state, returnValue: { ...state.returnValue, ...returned } }),
    };
  }
  const value = context.evaluate(typeProperties.value);
  context.setInput({ variableName: name, value });
  checkType(typeOf(context, name), value, name);
  return {
    output: { name, value },
    update: (state) => ({ ...state, variables: { ...state.variables, [name]: value } }),
  };
};

/** AppendVariable: one more element of an array variable. */
export const appendVariable: ActivityRunner = (context) => {
  const { typeProperties } = context.activity;
  const name = requiredString(typeProperties, 'variableName', 'the AppendVariable activity');
  if (typeOf(context, name) !== 'array') throw new DefinitionError(`The variable '${name}' is no array to append to.`);
  const value = context.evaluate(typeProperties.value);
  context.setInput({ variableName: name, value });
  return {
    output: { name, value },
    update: (state) => {
      const array = state.variables[name] ?? [];
      return { ...state, variables: { ...state.variables, [name]: [...(isArray(array) ? array : []), value] } };
    },
  };
};

function typeOf({ run }: ActivityContext, name: string): string {
  const spec = readPipeline(run.definition).variables[name];
  if (spec === undefined) throw new DefinitionError(`The pipeline has no variable '${name}'.`);
  return spec.type;
}

function checkType(type: string, value: Value, name: string): void {
  const fits =
    type === 'array'
      ? isArray(value)
      : type === 'boolean' || type === 'bool'
        ? typeof value === 'boolean'
        : type === 'integer' || type === 'int'
          ? typeof value === 'bigint'
          : type !== 'string' || typeof value === 'string' || value === null;
  if (!fits) throw new DefinitionError(`The variable '${name}' is of type ${type}; the value is none.`);
}

/** The return value is a list of `{key, value: {type, content}}`, as Data Factory's editor writes it. */
function returnValue(context: ActivityContext, declared: unknown): ObjectValue {
  if (!Array.isArray(declared))
    throw new DefinitionError('The return value must be a list of {key, value: {type, content}}.');
  const read = (value: unknown): Value => {
    if (typeof value !== 'object' || value === null || !('type' in value)) return context.evaluate(value);
    const content = 'content' in value ? value.content : null;
    if (value.type === 'Null') return null;
    if (value.type === 'Array' && Array.isArray(content)) return content.map(read);
    if (value.type === 'Object' && Array.isArray(content)) return entries(content);
    return context.evaluate(content);
  };
  const entries = (list: readonly unknown[]): ObjectValue =>
    Object.fromEntries(
      list.map((entry: unknown) => {
        const object = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
        return [requiredString(object, 'key', 'the return value'), read(object.value)];
      }),
    );
  const value = entries(declared);
  if (!isObject(value)) throw new DefinitionError('The return value must be an object.');
  return value;
}
