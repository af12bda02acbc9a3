import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where azure.yaml finds what is to be published. */
export const STAGED = join('.landfall', 'app');

/**
 * Lays out what Azure needs of the app: the compiled code, the datasets, the definition of the semantic model, and a
 * package.json of runtime dependencies alone and without scripts, since the remote build would run `build`, whose sources are not there.
 */
export function stageApp(root: string, target: string): void {
  rmSync(target, { recursive: true, force: true });
  for (const part of ['dist', 'datasets', join('semantic-model', 'definition.yaml'), 'host.json', 'package-lock.json'])
    cpSync(join(root, part), join(target, part), { recursive: true });
  const { scripts, devDependencies, optionalDependencies, ...kept } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Record<string, unknown>;
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(kept, undefined, 2)}\n`);
}
