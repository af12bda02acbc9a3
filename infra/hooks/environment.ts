import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The repository's root folder. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** What azd hands to a hook: the outputs of infra/main.bicep, and its own settings. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is missing: run this as a hook of azd, or set what \`azd env get-values\` prints.`);
  return value;
}

/** Runs a program, and throws when it cannot be run or fails. */
export function run(program: string, args: readonly string[], folder: string = ROOT): void {
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: 'inherit' });
  if (error) throw new Error(`${program} could not be run (${error.message}): install it, see docs/deploy.md.`);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}.`);
}
