import { type AttemptFacts, type DynamicValues, dynamicValues, substitute } from './dynamic-values.ts';
import type { JobSpec, TaskCode } from './job-settings.ts';
import type { RunOverrides } from './records.ts';

/** A job parameter in one run. `default` is absent when only the caller of run-now named it. */
export interface ResolvedParameter {
  readonly name: string;
  readonly default?: string;
  readonly value: string;
}

/** The job parameters of a run: the job's defaults under the caller's values. */
export function resolveJobParameters(spec: JobSpec, overrides: RunOverrides): readonly ResolvedParameter[] {
  const declared = spec.parameters.map(({ name, default: fallback }) => ({
    name,
    default: fallback,
    value: overrides.jobParameters[name] ?? fallback,
  }));
  const names = new Set(declared.map(({ name }) => name));
  const added = Object.entries(overrides.jobParameters).filter(([name]) => !names.has(name));
  return [...declared, ...added.map(([name, value]) => ({ name, value }))];
}

/**
 * The command line of a task: references replaced, job parameters pushed down to named parameters (`--name=value`, where
 * a job parameter wins over the task's own of the same name), and `python_params` in place of the task's list.
 */
export function resolveArguments(
  code: TaskCode,
  facts: AttemptFacts,
  parameters: readonly ResolvedParameter[],
  overrides: RunOverrides,
): readonly string[] {
  const own = dynamicValues(facts);
  const jobParameters = Object.fromEntries(parameters.map(({ name, value }) => [name, substitute(value, own)]));
  const values: DynamicValues = {
    ...own,
    ...Object.fromEntries(Object.entries(jobParameters).map(([name, value]) => [`job.parameters.${name}`, value])),
  };
  if (code.kind === 'wheel' && (code.namedParameters !== undefined || overrides.pythonNamedParams !== undefined)) {
    const named = { ...code.namedParameters, ...jobParameters, ...overrides.pythonNamedParams };
    return Object.entries(named).map(([name, value]) => `--${name}=${substitute(value, values)}`);
  }
  return (overrides.pythonParams ?? code.parameters).map((value) => substitute(value, values));
}
