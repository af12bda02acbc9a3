import { describe, expect, test } from '@jest/globals';
import { parseBindingExpression } from '../../../../emulators/functions-host/bindings/binding-expression.ts';
import { toQuery } from '../../../../emulators/functions-host/bindings/cosmos-binding.ts';
import { outputBytes, outputItems } from '../../../../emulators/functions-host/bindings/output-values.ts';

describe('an output that takes several values', () => {
  test.each([
    [{ string: 'text' }, ['text']],
    [{ string: '["a",{"b":1}]' }, ['a', '{"b":1}']],
    [{ string: '[broken]' }, ['[broken]']],
    [{ json: '{"a":1}' }, ['{"a":1}']],
    [{ json: '[1,"two",null]' }, ['1', 'two', 'null']],
    [{ json: '[]' }, []],
    [{ int: 7 }, ['7']],
    [{ double: 1.5 }, ['1.5']],
  ])('makes of %j %j', (value, expected) => {
    expect(outputItems(value)).toEqual(expected);
  });

  test('keeps bytes as they are', () => {
    expect(outputItems({ bytes: Buffer.from([91, 93]) })).toEqual([Buffer.from([91, 93])]);
  });
});

test('an output that takes one value writes text, JSON and bytes', () => {
  expect(outputBytes({ string: 'ü' })).toEqual(Buffer.from('ü'));
  expect(outputBytes({ json: '[1]' })).toEqual(Buffer.from('[1]'));
  expect(outputBytes({ bytes: Buffer.from([0, 255]) })).toEqual(Buffer.from([0, 255]));
});

test('a query to Cosmos DB has a parameter for each expression', () => {
  const expression = parseBindingExpression('SELECT * FROM c WHERE c.a = {a} AND c.b = {Query.b-c} AND c.d = {a}');
  expect(toQuery(expression, { a: "x' OR 1=1", Query: { 'b-c': '2' } })).toEqual({
    query: 'SELECT * FROM c WHERE c.a = @a AND c.b = @Query_b_c AND c.d = @a',
    parameters: [
      { name: '@a', value: "x' OR 1=1" },
      { name: '@Query_b_c', value: '2' },
    ],
  });
});
