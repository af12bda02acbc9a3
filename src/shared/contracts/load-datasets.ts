import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { withoutPacking } from '../quarantine/name-of-refused.ts';
import { checkTogether, type FolderSource } from './check-together.ts';
import type { Contract, Dataset } from './contract.ts';
import { correctionGlob } from './landed-format.ts';
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
  /** The dataset whose arrival pattern a landed path matches, if any; corrected rows may have another ending. */
  ofPath(path: string): Dataset | undefined;
  /** The dataset whose sets of files a landed path is a manifest of, if any. */
  ofManifest(path: string): Dataset | undefined;
  /** The dataset that a landed path belongs to, be it a manifest or a file with rows. */
  expecting(path: string): Dataset | undefined;
}

/**
 * Reads every `<folder>/<name>/dataset.yaml` with the Spark SQL beside it.
 * @throws InvalidContract listing all that is wrong in any of them, with file, line and column.
 */
export function loadDatasets(folder: string): Datasets {
  const { sources, names, problems } = readSources(folder);
  problems.push(...checkTogether(sources, names));
  if (problems.length > 0) throw new InvalidContract(problems);
  const all = sources.map(toDataset);
  const patterns = all.map((dataset) => ({ dataset, pattern: pathPattern(dataset.contract.arrival.path) }));
  const manifests = all.flatMap((dataset) => {
    const glob = dataset.contract.arrival.set?.manifest;
    return glob === undefined ? [] : [{ dataset, pattern: pathPattern(glob) }];
  });
  const corrections = all.flatMap((dataset) => {
    const glob = correctionGlob(dataset.contract.arrival);
    return glob === undefined ? [] : [{ dataset, pattern: pathPattern(glob) }];
  });
  const ofPath = (path: string): Dataset | undefined =>
    (
      patterns.find(({ pattern }) => pattern.test(path)) ??
      corrections.find(({ pattern }) => pattern.test(withoutPacking(path)))
    )?.dataset;
  const ofManifest = (path: string): Dataset | undefined =>
    manifests.find(({ pattern }) => pattern.test(path))?.dataset;
  return {
    all,
    get: (name) => all.find((dataset) => dataset.contract.dataset === name),
    ofPath,
    ofManifest,
    expecting: (path) => ofManifest(path) ?? ofPath(path),
  };
}

function readSources(folder: string): { sources: FolderSource[]; names: string[]; problems: ContractProblem[] } {
  const schema: object = JSON.parse(readFileSync(join(folder, 'dataset.schema.json'), 'utf8'));
  const validate = compileSchema(schema);
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
  const problems: ContractProblem[] = [];
  const sources = names.flatMap((name) => {
    try {
      return [readSource(folder, name, validate)];
    } catch (error) {
      if (!(error instanceof InvalidContract)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  return { sources, names, problems };
}

function readSource(folder: string, name: string, validate: ValidateFunction<Contract>): FolderSource {
  const file = join(folder, name, 'dataset.yaml');
  if (!existsSync(file)) {
    throw new InvalidContract([
      { file, line: 1, column: 1, message: 'There is no such file; every folder here is a dataset.' },
    ]);
  }
  return { folder: join(folder, name), name, ...parseContract(file, readFileSync(file, 'utf8'), validate) };
}

function toDataset({ folder, contract }: FolderSource): Dataset {
  const statements = Object.fromEntries(
    (contract.insights ?? []).map((insight) => [insight.name, readFileSync(join(folder, insight.sql), 'utf8')]),
  );
  return { contract, statements, version: contractVersion(contract, statements) };
}
