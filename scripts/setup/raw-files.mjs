import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, step } from './node-packages.mjs';
import { once } from './once.mjs';
import { python } from './python-packages.mjs';

/** Writes the raw files of the demo, as their sources would send them, unless they are there. */
export function produceRawFiles() {
  const scripts = ['make_raw_files.py', 'make_media_files.py'].map((name) => join(root, 'scripts', 'setup', name));
  const folder = join(root, '.data');
  once(join(folder, '.landfall-setup'), scripts, () => {
    step('Writing the raw files: twelve months of flights, weather, planes, airlines, airports; media');
    for (const script of scripts) {
      const { status } = spawnSync(python, [script, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
      if (status !== 0) throw new Error('The raw files could not be written; the message is above.');
    }
  });
}
