import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './node-packages.mjs';
import { once } from './once.mjs';

/**
 * Builds the web app into dist/web, unless that was done for these sources.
 * @param {string} node path of the Node to build with
 */
export function buildWebApp(node) {
  const folder = join(root, 'web');
  const sources = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  // The stamp lies among what is built, so that who removes that has it built again.
  once(join(root, 'dist', 'web', '.built'), [join(root, 'package-lock.json'), ...sources], () => {
    step('Building the web app');
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const { status } = spawnSync(node, [vite, 'build', folder, '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new Error('The web app could not be built; the message is above.');
  });
}
