import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDatasets } from '../../src/shared/contracts/load-datasets.ts';
import {
  type ContractProblem,
  compileSchema,
  InvalidContract,
  parseContract,
} from '../../src/shared/contracts/parse-contract.ts';

// The shared contracts, read by TypeScript; test_contracts.py has Python read the same.
const HERE = import.meta.dirname;
const DATASETS = join(HERE, '..', '..', 'datasets');
const validate = compileSchema(JSON.parse(readFileSync(join(DATASETS, 'dataset.schema.json'), 'utf8')));

/** The problems that stand as comments in a contract, as `line:column: message`. */
function expected(text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    line
      .split('#! ')
      .slice(1)
      .map((comment) => `${index + 1}:${comment.trim()}`),
  );
}

function found(problems: readonly ContractProblem[]): string[] {
  return problems.map(({ line, column, message }) =>
    message.includes('not YAML') ? `${line}:not YAML` : `${line}:${column}: ${message}`,
  );
}

function problemsOf(action: () => unknown): readonly ContractProblem[] {
  try {
    action();
    return [];
  } catch (error) {
    if (!(error instanceof InvalidContract)) throw error;
    return error.problems;
  }
}

const files = (folder: string): string[] => readdirSync(join(HERE, folder)).toSorted();
const read = (folder: string, name: string): string => readFileSync(join(HERE, folder, name), 'utf8');

describe('a contract', () => {
  test.each(files('valid'))('that is valid is accepted: %s', (name) => {
    expect(found(problemsOf(() => parseContract(name, read('valid', name), validate)))).toEqual([]);
  });

  test.each(files('invalid'))('that is not is refused at the places and in the words that it says: %s', (name) => {
    const text = read('invalid', name);
    const problems = found(problemsOf(() => parseContract(name, text, validate)));
    expect(problems.toSorted()).toEqual(expected(text).toSorted());
    expect(problems).not.toEqual([]);
  });

  test('names its file, and lists its problems from top to bottom', () => {
    const lines = problemsOf(() => parseContract('pets/dataset.yaml', read('invalid', 'unknown-keys.yaml'), validate));
    expect(lines.map(({ line }) => line)).toEqual([2, 8, 10, 13]);
    expect(new InvalidContract(lines).message).toMatch(/^pets\/dataset\.yaml:2:1: 'describtion' is not a key/);
  });
});

test('contracts that are wrong only together are refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-contracts-'));
  try {
    cpSync(join(HERE, 'together'), folder, { recursive: true });
    cpSync(join(DATASETS, 'dataset.schema.json'), join(folder, 'dataset.schema.json'));
    const problems = problemsOf(() => loadDatasets(folder));
    for (const name of ['birds', 'cats', 'dogs']) {
      const of = problems.filter(({ file }) => basename(dirname(file)) === name);
      expect(found(of).toSorted()).toEqual(expected(read('together', join(name, 'dataset.yaml'))).toSorted());
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('rows that were given out as JSON Lines belong to the dataset whose files they are of', () => {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-contracts-'));
  try {
    cpSync(join(HERE, 'valid', 'parquet.yaml'), join(folder, 'trips', 'dataset.yaml'));
    cpSync(join(DATASETS, 'dataset.schema.json'), join(folder, 'dataset.schema.json'));
    const datasets = loadDatasets(folder);
    const names = ['a.parquet', 'a.quarantined.jsonl', 'a.quarantined.jsonl.gz', 'a.jsonl', 'b/a.quarantined.jsonl'];
    expect(names.map((name) => datasets.ofPath(`trips/${name}`)?.contract.dataset)).toEqual([
      ...['trips', 'trips', 'trips', undefined, undefined],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every contract of the repository is good', () => {
  const datasets = loadDatasets(DATASETS);
  expect(datasets.all.map(({ contract }) => contract.dataset)).toEqual(
    expect.arrayContaining(['airlines', 'airports', 'flights', 'planes', 'weather']),
  );
  expect(datasets.ofPath('flights/2013-01.csv')?.contract.dataset).toBe('flights');
  expect(datasets.ofPath('flights/archive/2013-01.csv')).toBeUndefined();
});
