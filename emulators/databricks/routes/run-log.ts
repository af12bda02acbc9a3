import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { logFile, type WorkspaceFolders } from '../engine/task-order.ts';

const MAX_LOG_BYTES = 5 * 1024 * 1024;

/** The end of what a task run printed, at most 5 MB; nothing for one that never ran. */
export function readLog(
  folders: WorkspaceFolders,
  taskRunId: number,
): { readonly logs?: string; readonly logs_truncated?: boolean } {
  const path = logFile(folders, taskRunId);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return {};
  const buffer = Buffer.alloc(Math.min(size, MAX_LOG_BYTES));
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return { logs: buffer.toString('utf8', 0, read), logs_truncated: size > MAX_LOG_BYTES };
  } finally {
    closeSync(file);
  }
}

/** Removes what a task run printed. */
export function deleteLog(folders: WorkspaceFolders, taskRunId: number): void {
  rmSync(logFile(folders, taskRunId), { force: true });
}
