import { RequestProblem } from '../http/problem.ts';
import type { Pipeline, PipelineParameter } from './data-factory-client.ts';
import { TIME_LIMIT_SECONDS } from './drive-pipeline-run.ts';
import type { PipelineRequest } from './pipeline-run-record.ts';

const FIELDS = ['parameters', 'timeLimitSeconds'];
const LONGEST_SECONDS = 24 * 3600;

/**
 * Parses the body of POST /api/pipelines/{name}/runs: `{parameters?: {name: value}, timeLimitSeconds?}`, or none.
 * @throws RequestProblem 400 naming the field or parameter
 */
export function parsePipelineRequest(pipeline: Pipeline, body: unknown): Omit<PipelineRequest, 'id'> {
  const fields = objectOf(body === undefined ? {} : body, 'The body');
  refuseUnknown(Object.keys(fields), FIELDS, 'field');
  const parameters = objectOf(fields.parameters === undefined ? {} : fields.parameters, 'parameters');
  const names = pipeline.parameters.map(({ name }) => name);
  refuseUnknown(Object.keys(parameters), names, 'parameter');
  for (const parameter of pipeline.parameters) check(parameter, parameters[parameter.name]);
  return { pipeline: pipeline.name, parameters, timeLimitSeconds: timeLimit(fields.timeLimitSeconds) };
}

/** Data Factory's types of parameters. */
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  securestring: (value) => typeof value === 'string',
  int: (value) => Number.isSafeInteger(value),
  float: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

function check({ name, type, required }: PipelineParameter, value: unknown): void {
  if (value === undefined) {
    if (required) throw new RequestProblem(400, `The parameter ${name} (${type}) is missing.`);
    return;
  }
  if (FITS[type.toLowerCase()]?.(value) === false)
    throw new RequestProblem(400, `The parameter ${name} must be of type ${type}.`);
}

function timeLimit(value: unknown): number {
  if (value === undefined) return TIME_LIMIT_SECONDS;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > LONGEST_SECONDS)
    throw new RequestProblem(400, `timeLimitSeconds must be a whole number from 1 to ${LONGEST_SECONDS}.`);
  return value;
}

function refuseUnknown(given: readonly string[], known: readonly string[], what: string): void {
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new RequestProblem(400, `Unknown ${what} ${unknown.join(', ')}; known are: ${known.join(', ') || 'none'}.`);
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RequestProblem(400, `${what} must be a JSON object.`);
  return value as Record<string, unknown>;
}
