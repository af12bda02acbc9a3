import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, step } from './node-packages.mjs';
import { once } from './once.mjs';
import { python } from './python-packages.mjs';

/** Writes the raw files of the demo, as their sources would send them, unless they are there. */
export function produceRawFiles() {
  const script = join(root, 'scripts', 'setup', 'make_raw_files.py');
  const folder = join(root, '.data');
  once(join(folder, '.landfall-setup'), [script], () => {
    step('Writing the raw files: twelve months of flights, weather, planes, airlines, airports');
    const { status } = spawnSync(python, [script, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error('The raw files could not be written; the message is above.');
  });
}
