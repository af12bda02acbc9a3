import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Definition } from '../src/shared/semantic-model/definition.ts';
import { loadDefinition } from '../src/shared/semantic-model/parse-definition.ts';
import { toProject } from './generator/to-project.ts';

/** Paths below `folder` whose content is not what the definition says: changed, missing or left over. */
export function staleFiles(definition: Definition, folder: string): readonly string[] {
  const wanted = toProject(definition);
  const there = new Map(
    generatedFiles(definition, folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
  return [...new Set([...wanted.keys(), ...there.keys()])]
    .filter((path) => wanted.get(path) !== there.get(path))
    .sort();
}

/** Writes what is stale and removes what is left over; gives the paths. */
export function generate(definition: Definition, folder: string): readonly string[] {
  const wanted = toProject(definition);
  const stale = staleFiles(definition, folder);
  for (const path of stale) {
    const text = wanted.get(path);
    if (text === undefined) {
      rmSync(join(folder, path));
    } else {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  return stale;
}

/** All files of the folders that only the generator writes to, but for what Desktop keeps for itself. */
function generatedFiles({ name }: Definition, folder: string): readonly string[] {
  const roots = [`${name}.pbip`, `${name}.SemanticModel`, `${name}.Report`, 'analysis-services', 'sql'];
  return roots.flatMap((root) => {
    const path = join(folder, root);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return [];
    if (found.isFile()) return [root];
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((one) => !one.includes('/.pbi/'));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const definition = loadDefinition();
    const check = process.argv.includes('--check');
    const stale = check ? staleFiles(definition, import.meta.dirname) : generate(definition, import.meta.dirname);
    for (const path of stale) console.log(`${check ? 'stale' : 'wrote'} semantic-model/${path}`);
    if (check && stale.length > 0) process.exit(1);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
