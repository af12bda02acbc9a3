import { describe, expect, test } from '@jest/globals';
import { parseModel } from '../../../emulators/power-bi/model/parse-model.ts';
import { readM } from '../../../emulators/power-bi/model/read-m.ts';
import { SMALL_MODEL } from './small-model.ts';

describe('a partition in M', () => {
  test.each([
    [
      'navigation from a data source of the model',
      'let\n    Source = #"SQL/s x;d",\n    Data = Source{[Schema="dw",Item="fact"]}[Data]\nin\n    Data',
      'SELECT [a], [b]]c] FROM [dw].[fact]',
    ],
    [
      'navigation from Sql.Database',
      'let Source = Sql.Database(ServerName, DatabaseName), Data = Source{[Schema="dw", Item="odd]name"]}[Data] in Data',
      'SELECT [a], [b]]c] FROM [dw].[odd]]name]',
    ],
    [
      'a native query, with its quotes and line breaks',
      'let Source = Sql.Database("s", "d"), #"My rows" = Value.NativeQuery(Source, "SELECT 1 AS ""a"",#(lf)2 AS b", null, [EnableFolding=true]) in #"My rows"',
      'SELECT 1 AS "a",\n2 AS b',
    ],
  ])('is read: %s', (_, m, expected) => {
    expect(readM(m, ['a', 'b]c'])).toBe(expected);
  });

  test.each([
    ['let Source = Csv.Document("x") in Source', "the M step 'Csv.Document"],
    ['let Source = #"SQL/s;d", Rows = Table.SelectRows(Source, each true) in Rows', "the M step 'Table.SelectRows"],
    ['let Data = Missing{[Schema="a",Item="b"]}[Data] in Data', "the M step 'Missing{"],
    ['Source', 'an M expression "let'],
  ])('is refused when it does what cannot be folded here: %s', (m, message) => {
    expect(() => readM(m, ['a'])).toThrow(message);
  });
});

describe('a model in TMSL', () => {
  const changed = (from: string, to: string): string => {
    expect(SMALL_MODEL).toContain(from);
    return SMALL_MODEL.replace(from, to);
  };

  test('is read with its date table, its measures of several lines and its relationships', () => {
    const model = parseModel(SMALL_MODEL);
    expect(model.name).toBe('Shop');
    expect(model.tables.map(({ dateKey }) => dateKey)).toEqual([undefined, 'Date', undefined]);
    expect(model.tables[2]?.measures[2]).toEqual({
      name: 'Fruit',
      expression: '\nCALCULATE([Total], Product[Category] = "fruit")',
    });
    expect(model.tables[0]?.partitions[0]?.sql).toBe('SELECT [key], [name], [category] FROM [dbo].[product]');
    expect(model.relationships).toHaveLength(2);
  });

  test.each([
    ['"toColumn":"Key"', '"toColumn":"Kay"', 'there is no Product[Kay]'],
    ['"dataType":"double"', '"dataType":"variant"', "model.tables[2].columns[3].dataType 'variant' is not one of"],
    ['"toColumn":"Key"', '"toColumn":"Key","crossFilteringBehavior":"bothDirections"', 'filters in both directions'],
    ['"mode":"import"', '"mode":"directQuery"', 'model.tables[0].partitions[0]: only mode import'],
    ['"dataType":"string"', '"type":"calculated","dataType":"string"', 'calculated columns are not supported'],
    ['"name":"Shop"', '"name":""', 'name must be a text'],
  ])('is refused where it cannot be used: %s as %s', (from, to, message) => {
    expect(() => parseModel(changed(from, to))).toThrow(message);
  });

  test('leaves inactive relationships aside', () => {
    const model = parseModel(changed('"toColumn":"Key"', '"toColumn":"Key","isActive":false'));
    expect(model.relationships).toHaveLength(1);
  });
});
