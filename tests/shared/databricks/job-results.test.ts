import { describe, expect, test } from '@jest/globals';
import {
  parseCleanseResult,
  parseInsightsResult,
  parseScoreResult,
  parseTrainResult,
  parseWarnings,
} from '../../../src/shared/databricks/job-results.ts';

const file = {
  path: 'a.csv',
  etag: '0x1',
  read: 3,
  loaded: 1,
  quarantined: 1,
  duplicates: 1,
  superseded: 0,
  reasons: [{ rule: 'type', rows: 1, example: 'x' }],
};

describe('a result document of', () => {
  test('cleanse gives the books and reasons of each file', () => {
    expect(parseCleanseResult({ files: [file] }).files[0]).toEqual({
      path: 'a.csv',
      etag: '0x1',
      changed: false,
      rows: { read: 3, loaded: 1, quarantined: 1, duplicates: 1, superseded: 0 },
      reasons: [{ rule: 'type', rows: 1, example: 'x' }],
    });
  });

  test('cleanse with a count missing is refused by name', () => {
    expect(() => parseCleanseResult({ files: [{ ...file, loaded: undefined }] })).toThrow(/loaded is not a number/);
  });

  test('score tells that there is no model yet', () => {
    expect(parseScoreResult({ needs_training: true })).toMatchObject({ needsTraining: true });
  });

  test('score names the model and the columns it staged', () => {
    const document = { rows: 2, columns: [{ name: 'a', type: 'int' }], model: { name: 'late', version: 'v1' } };
    expect(parseScoreResult(document)).toEqual({
      ...{ needsTraining: false, rows: 2, columns: ['a'], evolved: [], model: 'late v1' },
    });
  });

  test('cleanse tells by what files differ from the contract, which columns they brought, and what it is beyond', () => {
    const found = { kind: 'new-column', source: 'Age', action: 'evolved', column: 'age', type: 'bigint', rows: 2 };
    const drift = [{ ...found, files: 1, file: 'a.csv', examples: ['3'] }];
    const evolved = [{ name: 'age', type: 'bigint', source: 'Age', known: 'after', evolved: 'pets-00000001' }];
    expect(parseCleanseResult({ files: [], drift, evolved, violations: ['too many'], returned: 3 })).toEqual({
      files: [],
      returned: 3,
      drift,
      evolved: [{ name: 'age', type: 'bigint', source: 'Age', evolved: 'pets-00000001' }],
      violations: ['too many'],
    });
    expect(() => parseCleanseResult({ files: [], evolved: [{ ...evolved[0], type: 'struct' }] })).toThrow('struct');
  });

  test('any job tells what it warns of', () => {
    const warnings = [
      { rule: 'maximum', column: 'month', rows: 2 },
      { rule: 'reference-missing', message: 'none yet' },
    ];
    expect(parseWarnings({ warnings })).toEqual(warnings);
    expect(parseWarnings({})).toEqual([]);
  });

  test('train tells how a challenge went', () => {
    const contest = { auc: 0.71, difference: 0.01, low: 0.004, high: 0.016 };
    const result = parseTrainResult({
      ...{ trained: true, promoted: true, rescore: true, version: 'b2', reason: 'better by +0.0100' },
      champion: { version: 'a1', registry_version: '1' },
      metrics: { ...contest, champion_auc: 0.7 },
      warnings: [{ rule: 'feature-too-good', message: 'dep_delay alone predicts the outcome' }],
    });
    expect(result).toMatchObject({
      ...{ promoted: true, rescore: true, version: 'b2', champion: 'a1' },
      contest: { ...contest, championAuc: 0.7 },
      warnings: ['dep_delay alone predicts the outcome'],
    });
    expect(result.detail).toMatch(/^b2: auc 0\.710, .*; better by/);
  });

  test('train tells from where to where it was rolled back', () => {
    const rolledBack = { trained: false, promoted: true, rescore: true, version: 'a1', from: 'b2', to: 'a1' };
    expect(parseTrainResult({ ...rolledBack, reason: 'rolled back' })).toMatchObject({
      ...{ trained: false, promoted: true, rescore: true, version: 'a1', champion: 'b2', reason: 'rolled back' },
    });
  });

  test('train tells why it did not train', () => {
    expect(parseTrainResult({ trained: false, reason: 'only 3 rows' })).toMatchObject({
      trained: false,
      detail: 'only 3 rows',
    });
  });

  test('insights that is no object is refused', () => {
    expect(() => parseInsightsResult([])).toThrow(/result is not an object/);
  });
});
