import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, step } from './node-packages.mjs';
import { once } from './once.mjs';

const VENV = join(root, '.venv');

/** Path of the Python in the project's virtual environment. */
export const python = pythonOf(VENV);

/**
 * Makes a virtual environment from a lock file, unless that was done: the project's own, or a tool's.
 * @param {string} venv
 * @param {string} lock
 * @returns {string} the path of its Python
 */
export function installPythonPackages(venv = VENV, lock = join(root, 'requirements.lock')) {
  const python = pythonOf(venv);
  once(join(venv, '.landfall-setup'), [lock], () => {
    if (!existsSync(python)) {
      step('Making a Python virtual environment');
      mkdirSync(dirname(venv), { recursive: true });
      const { status } = spawnSync(findPython(), ['-m', 'venv', venv], { stdio: ['ignore', 'ignore', 'inherit'] });
      if (status !== 0) {
        rmSync(venv, { recursive: true, force: true });
        throw new Error(
          'Python could not make a virtual environment; its message is above (Debian and Ubuntu need the package python3-venv).',
        );
      }
    }
    step(`Installing Python packages (about ${venv === VENV ? '1' : '0.3'} GB on disk, once)`);
    const { status } = spawnSync(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', lock],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    if (status !== 0) throw new Error('pip install failed; its message is above. Is PyPI reachable?');
  });
  return python;
}

function pythonOf(venv) {
  return process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
}

function findPython() {
  for (const name of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python']) {
    const { status, stdout } = spawnSync(name, ['-c', 'import sys; print(sys.version_info >= (3, 11))'], {
      encoding: 'utf8',
    });
    if (status === 0 && stdout.trim() === 'True') return name;
  }
  throw new Error('Python 3.11 or newer is needed and was not found: install it and run this again.');
}
