import { describe, expect, test } from '@jest/globals';
import type { Contract } from '../../../src/shared/contracts/contract.ts';
import { inspectCsv } from '../../../src/shared/lake/inspect-csv.ts';

const contract: Contract = {
  dataset: 'pets',
  description: 'Pets.',
  arrival: { path: 'pets/*.csv', format: 'csv' },
  columns: [
    { name: 'id', type: 'int', nullable: false, description: 'Number' },
    { name: 'name', type: 'string', source: 'Pet, name', description: 'Name' },
    { name: 'initial', type: 'string', expression: 'left(name, 1)', description: 'First letter' },
  ],
  rules: [],
  identity: { key: ['id'], on_later_version: 'upsert' },
};

describe('a CSV file', () => {
  test('with its columns in any order, case and quotes passes', () => {
    expect(inspectCsv(contract, Buffer.from('\ufeff"Pet, name", ID\r\nRex,1\r\n'))).toBeUndefined();
  });

  test('without a column is told which one, and what the header reads', () => {
    expect(inspectCsv(contract, Buffer.from('id,nme\n1,Rex\n'))).toBe(
      'The header lacks the column Pet, name; it reads: id, nme.',
    );
  });

  test('that is binary is told so', () => {
    expect(inspectCsv(contract, Buffer.from([0x50, 0x4b, 3, 4, 0, 0]))).toMatch(/binary/);
  });

  test('in another encoding is told so', () => {
    expect(inspectCsv(contract, Buffer.from([0xff, 0xfe, 0x69, 0x64]))).toMatch(/not UTF-8/);
  });

  test('that names a column twice is refused', () => {
    expect(inspectCsv(contract, Buffer.from('id,"Pet, name",id\n'))).toBe('The header names id twice.');
  });
});
