import { ROOT } from '../../scripts/stack/endpoints.ts';
import type { ManagedProcess, ProcessSpec } from '../../scripts/stack/managed-process.ts';

/** How a Node script that prints where it listens is started. */
export function nodeSpec(name: string, script: string, args: readonly string[], logFile: string): ProcessSpec {
  return {
    name,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', script, ...args],
    env: process.env,
    cwd: ROOT,
    logFile,
    ready: /listening on http:\S+\n/,
  };
}

/** Where a server of `nodeSpec` listens. */
export function urlOf({ ready }: ManagedProcess): string {
  return ready.trim().slice('listening on '.length);
}
