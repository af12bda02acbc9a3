import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonProgram, ROOT } from '../stack/endpoints.ts';

/** Where MLflow keeps experiments and the model registry of a local stack. */
export function modelStore(stateFolder: string): { readonly file: string; readonly uri: string } {
  const file = join(stateFolder, 'mlflow', 'mlflow.db');
  return { file, uri: `sqlite:///${file}` };
}

/** Makes MLflow's store unless it exists; that takes some seconds, which the first training would otherwise spend. */
export async function provisionModels(stateFolder: string): Promise<void> {
  const { file, uri } = modelStore(stateFolder);
  if (existsSync(file)) return;
  await promisify(execFile)(pythonProgram('python'), ['-m', 'landfall_jobs.model.mlflow_engine'], {
    env: { ...process.env, MLFLOW_TRACKING_URI: uri, PYTHONPATH: join(ROOT, 'databricks', 'src') },
  });
}
