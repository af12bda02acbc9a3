import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Contract } from '../../../src/shared/contracts/contract.ts';
import { inspectHead } from '../../../src/shared/lake/inspect-head.ts';

const PATH = 'pets/a';

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

test('a Parquet and an Avro file are known by their first bytes', () => {
  const parquet: Contract = { ...contract, arrival: { path: 'pets/*.parquet', format: 'parquet' } };
  expect(inspectHead(parquet, PATH, Buffer.from('PAR1\u0000'))).toBeUndefined();
  expect(inspectHead(parquet, PATH, Buffer.from('id,name\n'))).toBe(
    'The file is not Parquet: it does not begin with PAR1.',
  );
  const avro: Contract = { ...contract, arrival: { path: 'pets/*.avro', format: 'avro' } };
  expect(inspectHead(avro, PATH, Buffer.from('Obj\u0001\u0000'))).toBeUndefined();
  expect(inspectHead(avro, PATH, Buffer.from('PAR1\u0000'))).toBe('The file is not Avro: it does not begin with Obj.');
});

test('rows of such files that were given out as JSON Lines come back so', () => {
  const parquet: Contract = { ...contract, arrival: { path: 'pets/*.parquet', format: 'parquet' } };
  const path = 'pets/a.quarantined.jsonl';
  expect(inspectHead(parquet, path, Buffer.from('{"id": 1}\n'))).toBeUndefined();
  expect(inspectHead(parquet, path, Buffer.from('PAR1\u0000'))).toBe(
    'The file is binary, not text: it contains zero bytes.',
  );
});

test('media are left to the job, whatever they begin with', () => {
  const media: Contract = { ...contract, arrival: { path: 'media/**', format: 'media' } };
  expect(inspectHead(media, PATH, Buffer.from([0xff, 0xd8, 0xff, 0, 0]))).toBeUndefined();
});

test('an Excel workbook is known by its first bytes, and one with a password or of an old kind is told so', () => {
  const excel: Contract = { ...contract, arrival: { path: 'pets/*.xlsx', format: 'excel' } };
  expect(inspectHead(excel, PATH, Buffer.from('PK\u0003\u0004\u0014\u0000'))).toBeUndefined();
  expect(inspectHead(excel, PATH, Buffer.from('d0cf11e0a1b11ae10000', 'hex'))).toMatch(
    /protected by a password, or of Excel 97/,
  );
  expect(inspectHead(excel, PATH, Buffer.from('id,name\n'))).toBe('The file is no Excel workbook (.xlsx).');
});

describe('a CSV file', () => {
  test('with its columns in any order, case and quotes passes', () => {
    expect(inspectHead(contract, PATH, Buffer.from('\ufeff"Pet, name", ID\r\nRex,1\r\n'))).toBeUndefined();
  });

  test('may have a name that goes on over lines, and a stray quote', () => {
    const long = {
      ...contract,
      columns: contract.columns.with(1, { ...contract.columns[1], source: 'Pet\nname' } as never),
    };
    expect(inspectHead(long, PATH, Buffer.from('id,"Pet\nname"\n1,Rex\n'))).toBeUndefined();
    expect(inspectHead(contract, PATH, Buffer.from('id,"Pet, name",size"\n1,Rex,2\n'))).toBeUndefined();
  });

  test('without a column is told which one, and what the header reads', () => {
    expect(inspectHead(contract, PATH, Buffer.from('id,nme\n1,Rex\n'))).toBe(
      'The header lacks the column Pet, name; it reads: id, nme.',
    );
  });

  test('that is binary is told so', () => {
    expect(inspectHead(contract, PATH, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]))).toMatch(/binary/);
  });

  test('in another encoding is told so', () => {
    expect(inspectHead(contract, PATH, Buffer.from([0xff, 0xfe, 0x69, 0x64]))).toMatch(/not UTF-8/);
  });

  test('in the encoding that the contract says passes', () => {
    const of = (encoding: 'utf-16' | 'latin-1') => ({ ...contract, arrival: { ...contract.arrival, encoding } });
    expect(
      inspectHead(of('utf-16'), PATH, Buffer.from('\ufeffid,"Pet, name"\r\n1,Réx\r\n', 'utf16le')),
    ).toBeUndefined();
    expect(inspectHead(of('latin-1'), PATH, Buffer.from('id,"Pet, name",Grösse\n', 'latin1'))).toBeUndefined();
    expect(inspectHead(of('latin-1'), PATH, Buffer.from('id,Grösse\n', 'latin1'))).toMatch(/it reads: id, Grösse\.$/);
  });

  test('that is packed, or has no header, is left to the job', () => {
    expect(inspectHead(contract, PATH, gzipSync('anything'))).toBeUndefined();
    const bare = { ...contract, arrival: { ...contract.arrival, csv: { header: false } } };
    expect(inspectHead(bare, PATH, Buffer.from('1,Rex\n'))).toBeUndefined();
    const plain = { ...contract, arrival: { ...contract.arrival, compression: 'none' as const } };
    expect(inspectHead(plain, PATH, gzipSync('anything'))).toMatch(/binary/);
  });

  test('that names a column twice is refused', () => {
    expect(inspectHead(contract, PATH, Buffer.from('id,"Pet, name",id\n'))).toBe('The header names id twice.');
  });
});
