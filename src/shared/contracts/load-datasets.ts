import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from './contract.ts';
import {
  type ContractProblem,
  compileSchema,
  contractVersion,
  InvalidContract,
  parseContract,
} from './parse-contract.ts';
import { pathPattern } from './path-pattern.ts';

/** All datasets of the app. */
export interface Datasets {
  readonly all: readonly Dataset[];
  /** The dataset of that name, if there is one. */
  get(name: string): Dataset | undefined;
  /** The dataset whose arrival pattern a landed path matches, if any. */
  ofPath(path: string): Dataset | undefined;
}

/**
 * Reads every `<folder>/<name>/dataset.yaml` with the Spark SQL beside it.
 * @throws InvalidContract listing what is wrong in each, with file and line.
 */
export function loadDatasets(folder: string): Datasets {
  const schema: object = JSON.parse(readFileSync(join(folder, 'dataset.schema.json'), 'utf8'));
  const validate = compileSchema(schema);
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const all = names.sort().map((name) => {
    const file = join(folder, name, 'dataset.yaml');
    const contract = parseContract(file, readFileSync(file, 'utf8'), validate);
    if (contract.dataset !== name) {
      throw new InvalidContract([
        { file, line: 1, message: `dataset is '${contract.dataset}' but the folder is '${name}'; make them the same.` },
      ]);
    }
    const statements = Object.fromEntries(
      (contract.insights ?? []).map((insight) => [insight.name, readFileSync(join(folder, name, insight.sql), 'utf8')]),
    );
    return { contract, statements, version: contractVersion(contract, statements) };
  });
  const problems = all.flatMap((dataset) => danglingReferences(folder, dataset, all));
  if (problems.length > 0) throw new InvalidContract(problems);
  const patterns = all.map((dataset) => ({ dataset, pattern: pathPattern(dataset.contract.arrival.path) }));
  return {
    all,
    get: (name) => all.find((dataset) => dataset.contract.dataset === name),
    ofPath: (path) => patterns.find(({ pattern }) => pattern.test(path))?.dataset,
  };
}

/** What a contract combines with must exist, with the columns that it names. */
function danglingReferences(folder: string, { contract }: Dataset, all: readonly Dataset[]): ContractProblem[] {
  const file = join(folder, contract.dataset, 'dataset.yaml');
  return (contract.combine ?? []).flatMap((combine) => {
    const reference = all.find((candidate) => candidate.contract.dataset === combine.dataset);
    if (reference === undefined) {
      return [{ file, line: 1, message: `combine names the dataset '${combine.dataset}', which has no folder.` }];
    }
    const known = new Set(reference.contract.columns.map(({ name }) => name));
    return [...Object.values(combine.on), ...Object.values(combine.columns)]
      .filter((name) => !known.has(name))
      .map((name) => ({
        file,
        line: 1,
        message: `combine with '${combine.dataset}' names '${name}', which is no column there.`,
      }));
  });
}
