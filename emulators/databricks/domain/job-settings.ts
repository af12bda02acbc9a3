import { invalidParameter } from '../api-error.ts';
import {
  type JsonObject,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  optionalStringMap,
  optionalStrings,
  readList,
  readObject,
  requiredString,
} from './json.ts';

const RUN_IF = [
  'ALL_SUCCESS',
  'ALL_DONE',
  'AT_LEAST_ONE_SUCCESS',
  'NONE_FAILED',
  'ALL_FAILED',
  'AT_LEAST_ONE_FAILED',
] as const;

export type RunIf = (typeof RUN_IF)[number];

/** The code that a task runs. */
export type TaskCode =
  | {
      readonly kind: 'wheel';
      readonly packageName: string;
      readonly entryPoint: string;
      readonly parameters: readonly string[];
      readonly namedParameters: Readonly<Record<string, string>> | undefined;
    }
  | { readonly kind: 'python_file'; readonly pythonFile: string; readonly parameters: readonly string[] };

/** What the emulator reads of a task; all other fields are kept and given back as they came. */
export interface TaskSpec {
  readonly taskKey: string;
  readonly dependsOn: readonly string[];
  readonly runIf: RunIf;
  readonly code: TaskCode;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly minRetryIntervalMs: number;
  readonly retryOnTimeout: boolean;
  readonly raw: JsonObject;
}

/** What the emulator reads of a job's or a submitted run's settings. */
export interface JobSpec {
  readonly name: string;
  readonly tasks: readonly TaskSpec[];
  readonly parameters: readonly { readonly name: string; readonly default: string }[];
  readonly maxConcurrentRuns: number;
  readonly timeoutSeconds: number;
  readonly queueEnabled: boolean;
}

/** Reads JobSettings (jobs/create) or the settings of a run (runs/submit); throws what the service would refuse. */
export function readJobSpec(settings: JsonObject): JobSpec {
  const clusters = new Map(
    readList(settings, 'job_clusters').map((item) => {
      const cluster = readObject(item, 'job_clusters');
      return [requiredString(cluster, 'job_cluster_key'), optionalObject(cluster, 'new_cluster')];
    }),
  );
  const tasks = readList(settings, 'tasks').map((item) => readTask(readObject(item, 'tasks'), clusters));
  if (tasks.length > 1000) throw invalidParameter('A job can have at most 1000 tasks.');
  checkGraph(tasks);
  const queue = optionalObject(settings, 'queue');
  return {
    name: optionalString(settings, 'name') ?? optionalString(settings, 'run_name') ?? 'Untitled',
    tasks,
    parameters: readList(settings, 'parameters').map((item) => {
      const parameter = readObject(item, 'parameters');
      const fallback = parameter.default;
      if (typeof fallback !== 'string') throw invalidParameter('parameters[].default must be a string.');
      return { name: requiredString(parameter, 'name'), default: fallback };
    }),
    maxConcurrentRuns: optionalInteger(settings, 'max_concurrent_runs') ?? 1,
    timeoutSeconds: optionalInteger(settings, 'timeout_seconds') ?? 0,
    queueEnabled: queue !== undefined && optionalBoolean(queue, 'enabled') === true,
  };
}

function readTask(task: JsonObject, clusters: ReadonlyMap<string, JsonObject | undefined>): TaskSpec {
  const taskKey = requiredString(task, 'task_key');
  if (!/^[\w-]{1,100}$/.test(taskKey)) {
    throw invalidParameter(`Invalid task key '${taskKey}': only letters, digits, - and _, at most 100.`);
  }
  const clusterKey = optionalString(task, 'job_cluster_key');
  if (clusterKey !== undefined && !clusters.has(clusterKey)) {
    throw invalidParameter(`Task ${taskKey} refers to job cluster ${clusterKey}, which is not in job_clusters.`);
  }
  const cluster = optionalObject(task, 'new_cluster') ?? clusters.get(clusterKey ?? '');
  const runIf = (optionalString(task, 'run_if') ?? 'ALL_SUCCESS') as RunIf;
  if (!RUN_IF.includes(runIf)) throw invalidParameter(`Task ${taskKey}: run_if must be one of ${RUN_IF.join(', ')}.`);
  return {
    taskKey,
    dependsOn: readList(task, 'depends_on').map((item) => requiredString(readObject(item, 'depends_on'), 'task_key')),
    runIf,
    code: readTaskCode(task, taskKey),
    env: (cluster && optionalStringMap(cluster, 'spark_env_vars')) ?? {},
    timeoutSeconds: optionalInteger(task, 'timeout_seconds') ?? 0,
    maxRetries: optionalInteger(task, 'max_retries') ?? 0,
    minRetryIntervalMs: optionalInteger(task, 'min_retry_interval_millis') ?? 0,
    retryOnTimeout: optionalBoolean(task, 'retry_on_timeout') ?? false,
    raw: task,
  };
}

function readTaskCode(task: JsonObject, taskKey: string): TaskCode {
  const wheel = optionalObject(task, 'python_wheel_task');
  const script = optionalObject(task, 'spark_python_task');
  if (wheel !== undefined && script !== undefined)
    throw invalidParameter(`Task ${taskKey} has more than one task type.`);
  if (wheel !== undefined) {
    const namedParameters = optionalStringMap(wheel, 'named_parameters');
    const parameters = optionalStrings(wheel, 'parameters') ?? [];
    if (namedParameters !== undefined && parameters.length > 0) {
      throw invalidParameter(`Task ${taskKey}: give either parameters or named_parameters, not both.`);
    }
    const packageName = requiredString(wheel, 'package_name');
    return {
      kind: 'wheel',
      packageName,
      entryPoint: requiredString(wheel, 'entry_point'),
      parameters,
      namedParameters,
    };
  }
  if (script !== undefined) {
    const parameters = optionalStrings(script, 'parameters') ?? [];
    return { kind: 'python_file', pythonFile: requiredString(script, 'python_file'), parameters };
  }
  const other = Object.keys(task).find((key) => key.endsWith('_task'));
  throw invalidParameter(
    other === undefined
      ? `Task ${taskKey} has no task type. The emulator runs python_wheel_task and spark_python_task.`
      : `Task ${taskKey}: the emulator does not run ${other}, only python_wheel_task and spark_python_task.`,
  );
}

function checkGraph(tasks: readonly TaskSpec[]): void {
  const byKey = new Map(tasks.map((task) => [task.taskKey, task]));
  if (byKey.size < tasks.length) throw invalidParameter('Task keys must be unique within a job.');
  const checked = new Set<string>();
  const visit = (task: TaskSpec, path: readonly string[]): void => {
    if (path.includes(task.taskKey)) {
      throw invalidParameter(`Task dependencies contain a cycle: ${[...path, task.taskKey].join(' -> ')}.`);
    }
    if (checked.has(task.taskKey)) return;
    for (const key of task.dependsOn) {
      const upstream = byKey.get(key);
      if (upstream === undefined) throw invalidParameter(`Task ${task.taskKey} depends on unknown task ${key}.`);
      visit(upstream, [...path, task.taskKey]);
    }
    checked.add(task.taskKey);
  };
  for (const task of tasks) visit(task, []);
}
