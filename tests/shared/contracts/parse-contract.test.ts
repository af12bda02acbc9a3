import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDatasets } from '../../../src/shared/contracts/load-datasets.ts';
import { compileSchema, InvalidContract, parseContract } from '../../../src/shared/contracts/parse-contract.ts';

const DATASETS = join(import.meta.dirname, '..', '..', '..', 'datasets');
const validate = compileSchema(JSON.parse(readFileSync(join(DATASETS, 'dataset.schema.json'), 'utf8')));

const GOOD = `dataset: pets
description: Pets.
arrival:
  path: pets/*.csv
  format: csv
columns:
  - { name: id, type: int, nullable: false, description: Number }
  - { name: name, type: string, description: Name }
rules: []
identity:
  key: [id]
  on_later_version: upsert
`;

function problems(text: string): readonly string[] {
  try {
    parseContract('pets/dataset.yaml', text, validate);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidContract)) throw error;
    return error.message.split('\n');
  }
}

describe('a contract', () => {
  test('that keeps to the schema is accepted', () => {
    expect(problems(GOOD)).toEqual([]);
  });

  test('with a misspelt key is refused with file, line and the fix', () => {
    expect(problems(GOOD.replace('nullable:', 'nulable:'))).toEqual([
      expect.stringMatching(
        /^pets\/dataset\.yaml:7: 'nulable' is not a key of columns\.0; remove it or correct its spelling\.$/,
      ),
    ]);
  });

  test('with an unknown type is told which types there are', () => {
    expect(problems(GOOD.replace('type: string', 'type: text'))[0]).toMatch(
      /:8: columns\.1\.type must be one of string, int,/,
    );
  });

  test('whose key is no column is refused at the line of the key', () => {
    expect(problems(GOOD.replace('key: [id]', 'key: [number]'))[0]).toMatch(
      /:11: 'number' is no column of this dataset/,
    );
  });

  test('whose key may be null is refused', () => {
    expect(problems(GOOD.replace('nullable: false, ', ''))).toEqual([
      expect.stringContaining("Key column 'id' must be declared with nullable: false"),
    ]);
  });

  test('that is no YAML is refused with the line', () => {
    expect(problems(GOOD.replace('columns:', 'columns: ['))[0]).toMatch(/^pets\/dataset\.yaml:\d+: /);
  });
});

test('every contract of the repository is good', () => {
  const datasets = loadDatasets(DATASETS);
  expect(datasets.all.map(({ contract }) => contract.dataset)).toEqual(
    expect.arrayContaining(['airlines', 'airports', 'flights', 'planes', 'weather']),
  );
  expect(datasets.ofPath('flights/2013-01.csv')?.contract.dataset).toBe('flights');
  expect(datasets.ofPath('flights/archive/2013-01.csv')).toBeUndefined();
});
