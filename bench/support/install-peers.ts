import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder in which load generators and peers of a benchmark run: a copy of its `peers`, with the packages that they name
 * installed, unless they are.
 */
export function installPeers(bench: string): string {
  const source = join(bench, 'peers');
  const folder = join(bench, '.peers');
  mkdirSync(folder, { recursive: true });
  cpSync(source, folder, { recursive: true });
  const { dependencies } = readJson(join(source, 'package.json')) as { dependencies: Record<string, string> };
  if (Object.entries(dependencies).every(([name, version]) => installedVersion(folder, name) === version))
    return folder;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('npm install failed; its message is above. Is the npm registry reachable?');
  return folder;
}

function installedVersion(folder: string, name: string): string | undefined {
  try {
    return (readJson(join(folder, 'node_modules', name, 'package.json')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
