import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSmallModel } from './ask-small-model.ts';

let model: Awaited<ReturnType<typeof openSmallModel>>;

beforeAll(async () => {
  model = await openSmallModel();
});
afterAll(() => model.close());

const ask = (dax: string) => model.ask(dax);
const summarize = (rest: string, order = '') => ask(`EVALUATE SUMMARIZECOLUMNS(${rest})${order}`);
/** One expression over everything. */
const value = async (expression: string) => (await summarize(`"x", ${expression}\n`))[0]?.[0] ?? null;

describe('rows of SUMMARIZECOLUMNS', () => {
  test('facts whose key no dimension has belong to the blank member', async () => {
    const rows = await summarize('Product[Name], "t", [Total]', ' ORDER BY Product[Name]');
    expect(rows).toEqual([
      [null, 7],
      ['Apple', 30],
      ['Carrot', 5],
    ]);
  });

  test('rows without a value in any expression are left out, others keep their blanks', async () => {
    expect(await summarize('Product[Name], "t", [Total], "r", [Rows]', ' ORDER BY Product[Name]')).toEqual([
      [null, 7, 2],
      ['Apple', 30, 2],
      ['Banana', null, 1],
      ['Carrot', 5, 1],
    ]);
  });

  test('without expressions every combination that could be is given', async () => {
    expect(await summarize("Product[Category], 'Date'[Month]", " ORDER BY Product[Category], 'Date'[Month]")).toEqual([
      [null, 1],
      [null, 2],
      ['Fruit', 1],
      ['Fruit', 2],
      ['Vegetable', 1],
      ['Vegetable', 2],
    ]);
  });

  test('columns of one table are combined only as they exist', async () => {
    expect(await summarize('Product[Category], Product[Name], "r", [Rows]')).toHaveLength(4);
  });

  test('an expression that needs no fact gives a row for every member', async () => {
    const rows = await summarize('Product[Name], "all", CALCULATE([Rows], REMOVEFILTERS(Product))');
    expect(rows).toHaveLength(5); // four products and the blank member
    expect(new Set(rows.map((row) => row[1]))).toEqual(new Set([6]));
  });

  test('nothing at all gives no row', async () => {
    expect(await summarize('"t", CALCULATE([Total], Product[Name] = "Nobody")')).toEqual([]);
  });

  test('a filter on another table restricts the measures and not the members', async () => {
    const rows = await summarize(`Product[Name], TREATAS({2}, 'Date'[Month]), "t", [Total]`, ' ORDER BY Product[Name]');
    expect(rows).toEqual([
      [null, 7],
      ['Carrot', 5],
    ]);
  });

  test('times come as texts in ISO 8601', async () => {
    expect(await summarize(`'Date'[Date], "t", [Rows]`, ` ORDER BY 'Date'[Date] DESC`)).toEqual([
      ['2026-02-01T00:00:00', 3],
      ['2026-01-02T00:00:00', 2],
      ['2026-01-01T00:00:00', 1],
    ]);
  });
});

describe('filters', () => {
  test.each([
    ['TREATAS({"Fruit"}, Product[Category])', 3],
    ['TREATAS({"FRUIT"}, Product[Category])', 3], // texts compare without case
    ['TREATAS({BLANK()}, Product[Category])', 2],
    ['TREATAS({"Vegetable", BLANK()}, Product[Category])', 3],
    ['FILTER(ALL(Product[Category]), Product[Category] <> "Fruit")', 3], // a blank is not Fruit
    ['FILTER(VALUES(Product[Category]), Product[Category] IN {"Fruit", "Vegetable"})', 4],
    ['FILTER(ALL(Product[Category]), NOT ISBLANK(Product[Category]))', 4],
    ['FILTER(ALL(Product[Category]), NOT(Product[Category] = "Fruit") && Product[Category] <> "")', 1],
    ['FILTER(ALL(Sales[Amount]), Sales[Amount] < 6)', 3], // a blank counts as zero
    ['FILTER(ALL(Sales[Amount]), Sales[Amount] = 0)', 2],
    ['FILTER(ALL(Sales[Amount]), Sales[Amount] == 0)', 1], // unless the comparison is strict
    ['FILTER(ALL(Sales[Amount]), Sales[Amount] IN {0})', 1],
    ['FILTER(ALL(Sales[Amount]), 5 < Sales[Amount] || Sales[Amount] = 5)', 4],
    ['TREATAS({FALSE()}, Sales[Paid])', 2],
    ['FILTER(ALL(Sales[Paid]), Sales[Paid] = FALSE)', 3],
    [`FILTER(ALL('Date'[Date]), 'Date'[Date] >= DATE(2026, 1, 2))`, 5],
    [`TREATAS({dt"2026-01-01"}, 'Date'[Date])`, 1],
    [`KEEPFILTERS(TREATAS({1}, 'Date'[Month]))`, 3],
  ])('%s leaves %i rows', async (filter, rows) => {
    expect((await summarize(`${filter}, "r", [Rows]`))[0]?.[0]).toBe(rows);
  });

  test('several filters hold together', async () => {
    expect(
      await summarize(`TREATAS({"Apple", "Carrot"}, Product[Name]), TREATAS({1}, 'Date'[Month]), "r", [Rows]`),
    ).toEqual([[2]]);
  });
});

describe('CALCULATE', () => {
  test('a condition takes the place of what is grouped or filtered on its column', async () => {
    expect(await summarize('Product[Category], "f", [Fruit]', ' ORDER BY Product[Category]')).toEqual([
      [null, 30],
      ['Fruit', 30],
      ['Vegetable', 30],
    ]);
    expect(await summarize('TREATAS({"Vegetable"}, Product[Category]), "f", [Fruit]')).toEqual([[30]]);
  });

  test('KEEPFILTERS narrows instead', async () => {
    expect(await summarize('Product[Category], "f", [Kept Fruit]')).toEqual([['Fruit', 30]]);
  });

  test('a condition leaves the other columns of its table as they are', async () => {
    expect(await summarize('Product[Name], "f", [Fruit]')).toEqual([['Apple', 30]]);
  });

  test('REMOVEFILTERS gives the whole that a share is of, within the other filters', async () => {
    expect(await summarize(`Product[Name], TREATAS({1}, 'Date'[Month]), "s", [Share]`)).toEqual([['Apple', 1]]);
    const rows = await summarize('Product[Name], TREATAS({"Apple", "Carrot"}, Product[Name]), "s", [Share]');
    expect(new Map(rows.map((row) => [row[0], row[1]]))).toEqual(
      new Map([
        ['Apple', 30 / 42],
        ['Carrot', 5 / 42],
      ]),
    );
  });

  test('ALL of a fact table frees its dimensions too', async () => {
    expect(await summarize('Product[Name], "r", CALCULATE([Rows], ALL(Sales))')).toHaveLength(5);
  });

  test('a filter on the key of the date table takes the others from that table', async () => {
    const rows = await summarize(`'Date'[Month], "r", CALCULATE([Rows], 'Date'[Date] = DATE(2026, 2, 1))`);
    expect(rows.map((row) => row[1])).toEqual([3, 3]);
  });

  test('the removal comes before the new filter, and filters nest', async () => {
    expect(await value('CALCULATE([Fruit], REMOVEFILTERS(Product), Product[Name] = "Apple")')).toBe(30);
    expect(await value('CALCULATE(CALCULATE([Rows], Product[Name] = "Apple"), Product[Name] = "Carrot")')).toBe(2);
  });

  test('a variable keeps the value of where it was made', async () => {
    expect(await value('VAR whole = [Rows] RETURN CALCULATE(whole, Product[Name] = "Apple")')).toBe(6);
  });
});

describe('expressions', () => {
  test.each([
    ['SUM(Sales[Amount])', 42],
    ['AVERAGE(Sales[Amount])', 8.4], // a blank has no share in it
    ['MIN(Sales[Amount])', 0],
    ['MAX(Sales[Customer])', 'cid'],
    ["MAX('Date'[Date])", '2026-02-01T00:00:00'],
    ['COUNT(Sales[Amount])', 5],
    ['COUNTBLANK(Sales[Amount])', 1],
    ['DISTINCTCOUNT(Sales[Customer])', 4], // the blank one counts
    ['DISTINCTCOUNTNOBLANK(Sales[Customer])', 3],
    ['COUNTROWS(Product)', 4], // without the blank member
    ['CALCULATE(COUNTROWS(Product), Sales[Amount] > 100)', 4], // facts do not filter dimensions
    ['CALCULATE(DISTINCTCOUNT(Sales[Customer]), Product[Name] = "Nobody")', null],
    ['DIVIDE(1, 4)', 0.25],
    ['DIVIDE(1, BLANK(), 7)', 7],
    ['DIVIDE([Rows], 0)', null],
    ['DIVIDE(BLANK(), 4)', null],
    ['BLANK() + BLANK()', null],
    ['BLANK() - 3', -3],
    ['BLANK() * 3', null],
    ['-[Rows] + 2 * (3 - 1)', -2],
    ['6 / 4', 1.5],
    ['IF([Rows] > 5, "many", "few")', 'many'],
    ['IF([Rows] > 5 && NOT ISBLANK([Total]), 1)', 1],
    ['COALESCE(BLANK(), 0)', 0],
    ['/* a */ 1 // b\n + 1 -- c', 2],
  ])('%s is %s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  test("a query may define measures of its own, over the model's", async () => {
    const dax = 'DEFINE MEASURE Sales[Total] = 2 * SUM(Sales[Amount]) EVALUATE SUMMARIZECOLUMNS("t", [Total])';
    expect(await ask(dax)).toEqual([[84]]);
  });

  test('names are found without regard to case', async () => {
    expect(await ask('evaluate summarizecolumns(product[NAME], "t", [total]) order by product[name]')).toHaveLength(3);
  });
});

describe('order', () => {
  test('TOPN keeps all that tie with the last', async () => {
    const inner = 'SUMMARIZECOLUMNS(Product[Name], "r", [Rows])';
    expect(await ask(`EVALUATE TOPN(1, ${inner}, [r])`)).toHaveLength(2);
    expect(await ask(`EVALUATE TOPN(1, ${inner}, [r], DESC, Product[Name], ASC)`)).toEqual([[null, 2]]);
    expect(await ask(`EVALUATE TOPN(9, ${inner}, [r], ASC)`)).toHaveLength(4);
  });

  test('blanks come first going up and last going down', async () => {
    const names = async (order: string) =>
      (await summarize('Product[Category], "r", [Rows]', ` ORDER BY Product[Category] ${order}`)).map((row) => row[0]);
    expect(await names('ASC')).toEqual([null, 'Fruit', 'Vegetable']);
    expect(await names('DESC')).toEqual(['Vegetable', 'Fruit', null]);
  });
});

describe('what cannot be answered', () => {
  test.each([
    ['EVALUATE SUMMARIZECOLUMNS(Product[Nome], "t", [Total])', "Column 'Nome' in table 'Product' cannot be found"],
    ['EVALUATE SUMMARIZECOLUMNS(Produkt[Name], "t", [Total])', "Cannot find table 'Produkt'."],
    ['EVALUATE SUMMARIZECOLUMNS("t", [Totall])', "The value for 'Totall' cannot be determined."],
    ['EVALUATE SUMMARIZECOLUMNS("t", [Round])', 'A circular dependency was detected'],
    ['EVALUATE SUMMARIZECOLUMNS("t", Sales[Amount])', "A single value for column 'Amount' in table 'Sales'"],
    [
      'EVALUATE SUMMARIZECOLUMNS("t", SUM(Sales[Customer]))',
      'The function SUM cannot work with values of type String.',
    ],
    ['EVALUATE SUMMARIZECOLUMNS("t", [Total]', 'Query (1, 39) The syntax is incorrect'],
    ['EVALUATE SUMMARIZECOLUMNS("t" [Total])', "Query (1, 31) The syntax for 'Total' is incorrect."],
    ['EVALUATE\n  SUMMARIZECOLUMNS("t", ;)', "Query (2, 25) The syntax for ';' is incorrect."],
    ['EVALUATE SUMMARIZECOLUMNS(Product[Name], Product[Name])', 'may be specified only once'],
    [
      'EVALUATE SUMMARIZECOLUMNS(TREATAS({1}, Product[Name]), "t", [Total])',
      'do not support comparing values of type Text',
    ],
    ['EVALUATE SUMMARIZECOLUMNS(FILTER(Sales, Sales[Amount] > 1), "t", [Total])', 'FILTER over anything but ALL'],
    [
      'EVALUATE SUMMARIZECOLUMNS("t", SUMX(Sales, Sales[Amount]))',
      'The function SUMX is not supported by this emulator.',
    ],
    ['EVALUATE SUMMARIZECOLUMNS("t", 1 / 0)', 'use DIVIDE'],
    ['EVALUATE SUMMARIZECOLUMNS("t", missing)', "Failed to resolve name 'missing'."],
    ['EVALUATE Product', 'EVALUATE of anything but SUMMARIZECOLUMNS and TOPN'],
    ['EVALUATE SUMMARIZECOLUMNS("t", [Total]) ORDER BY [u]', 'which is no column of the result'],
    ['SELECT 1', "The syntax for 'SELECT' is incorrect."],
  ])('%s', async (dax, message) => {
    await expect(ask(dax)).rejects.toThrow(message);
  });
});
