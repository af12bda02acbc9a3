import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './node-packages.mjs';
import { once } from './once.mjs';

const VENV = join(root, '.venv');

/** Path of the Python in the project's virtual environment. */
export const python = process.platform === 'win32' ? join(VENV, 'Scripts', 'python.exe') : join(VENV, 'bin', 'python');

/** Makes the virtual environment from the lock file, unless that was done. */
export function installPythonPackages() {
  const lock = join(root, 'requirements.lock');
  once(join(VENV, '.landfall-setup'), [lock], () => {
    if (!existsSync(python)) {
      step('Making a Python virtual environment');
      const { status } = spawnSync(findPython(), ['-m', 'venv', VENV], { stdio: ['ignore', 'ignore', 'inherit'] });
      if (status !== 0) {
        rmSync(VENV, { recursive: true, force: true });
        throw new Error(
          'Python could not make a virtual environment; its message is above (Debian and Ubuntu need the package python3-venv).',
        );
      }
    }
    step('Installing Python packages (about 1 GB on disk, once)');
    const { status } = spawnSync(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', lock],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    if (status !== 0) throw new Error('pip install failed; its message is above. Is PyPI reachable?');
  });
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
