import { existsSync, mkdirSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { TaskSpec } from '../domain/job-settings.ts';
import type { TaskOrder } from '../worker/zygote.ts';

/** Where code and files of a workspace lie. */
export interface WorkspaceFolders {
  readonly data: string;
  readonly bundleRoot: string | undefined;
  readonly pythonpath: readonly string[];
}

/** The log of a task run: what its process printed. */
export function logFile(folders: WorkspaceFolders, taskRunId: number): string {
  return join(folders.data, 'logs', `${taskRunId}.log`);
}

/** The folder that a wheel task runs in, gone when it has ended. */
export function scratchFolder(folders: WorkspaceFolders, taskRunId: number): string {
  return join(folders.data, 'scratch', String(taskRunId));
}

/** What the task's process is told, or, as text, why the task cannot run. */
export function orderFor(
  task: TaskSpec,
  taskRunId: number,
  argv: readonly string[],
  folders: WorkspaceFolders,
): TaskOrder | string {
  const scratch = scratchFolder(folders, taskRunId);
  mkdirSync(scratch, { recursive: true });
  const common = { argv, env: { TMPDIR: scratch, ...task.env }, log_file: logFile(folders, taskRunId) };
  if (task.code.kind === 'wheel') {
    return {
      ...common,
      kind: 'wheel',
      package_name: task.code.packageName,
      entry_point: task.code.entryPoint,
      project_folders: projectFolders(folders),
      cwd: scratch,
    };
  }
  const file = findPythonFile(task.code.pythonFile, folders.bundleRoot);
  if (file === undefined) {
    const root = folders.bundleRoot ?? 'none: start the emulator with --bundle-root';
    return `Cannot read the python file ${task.code.pythonFile}: it is not in the bundle root (${root}).`;
  }
  return { ...common, kind: 'python_file', python_file: file, cwd: dirname(file) };
}

/** Where a `pyproject.toml` of the job package may be. */
function projectFolders(folders: WorkspaceFolders): string[] {
  const candidates = [folders.bundleRoot, ...folders.pythonpath.flatMap((folder) => [folder, dirname(folder)])];
  return [...new Set(candidates.filter((folder) => folder !== undefined))];
}

/** The file behind a path of the workspace: the bundle's files are under `…/files/` there, or the path is relative. */
function findPythonFile(path: string, bundleRoot: string | undefined): string | undefined {
  if (bundleRoot === undefined) return undefined;
  const local = path
    .replace(/^file:/, '')
    .replace(/^\$\{workspace\.file_path\}\//, '')
    .replace(/^\/Workspace\/(?:.*?\/files\/)?/, '');
  const file = resolve(bundleRoot, local);
  const inside = relative(bundleRoot, file);
  return !inside.startsWith('..') && !isAbsolute(inside) && existsSync(file) ? file : undefined;
}
