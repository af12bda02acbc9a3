import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './node-packages.mjs';
import { once } from './once.mjs';
import { python } from './python-packages.mjs';

/**
 * Makes an empty MLflow store, unless that was done: it takes some seconds, so a new stack gets a copy of it
 * (scripts/provision/models.ts).
 */
export function makeModelStore() {
  const folder = join(root, '.data', 'mlflow');
  once(join(folder, '.landfall-setup'), [join(root, 'requirements.lock')], () => {
    step('Making an empty MLflow store');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const { status } = spawnSync(python, ['-m', 'landfall_jobs.model.mlflow_engine'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: folder, // MLflow's default experiment lies in the working directory
      env: {
        ...process.env,
        MLFLOW_TRACKING_URI: `sqlite:///${join(folder, 'mlflow.db')}`,
        PYTHONPATH: join(root, 'databricks', 'src'),
      },
    });
    if (status !== 0) throw new Error('MLflow could not make its store; its message is above.');
  });
}
