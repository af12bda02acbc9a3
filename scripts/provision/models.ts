import { constants, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../stack/endpoints.ts';

/** Where MLflow keeps experiments and the model registry of a local stack. */
export function modelStore(stateFolder: string): { readonly file: string; readonly uri: string } {
  const file = join(stateFolder, 'mlflow', 'mlflow.db');
  return { file, uri: `sqlite:///${file}` };
}

/** Gives a new stack the empty MLflow store that set-up made; one that exists stays as it is. */
export function provisionModels(stateFolder: string): void {
  const { file } = modelStore(stateFolder);
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(join(ROOT, '.data', 'mlflow', 'mlflow.db'), file, constants.COPYFILE_EXCL);
}
