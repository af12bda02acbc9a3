/** A column of a small model: name, type, and whether it is a key. */
const column = (name: string, dataType: string, more: object = {}): object => ({
  name,
  dataType,
  sourceColumn: name.toLowerCase().replaceAll(' ', '_'),
  ...more,
});

const partition = (name: string, item: string): object => ({
  name,
  mode: 'import',
  source: {
    type: 'm',
    expression: [
      'let',
      '    Source = #"SQL/s;d",',
      `    Data = Source{[Schema="dbo",Item="${item}"]}[Data]`,
      'in',
      '    Data',
    ],
  },
});

/** A shop as TMSL: sales of products by day, with a product that never sold and sales without a product. */
export const SMALL_MODEL = JSON.stringify({
  name: 'Shop',
  compatibilityLevel: 1500,
  model: {
    tables: [
      {
        name: 'Product',
        columns: [column('Key', 'int64', { isKey: true }), column('Name', 'string'), column('Category', 'string')],
        partitions: [partition('Product', 'product')],
      },
      {
        name: 'Date',
        dataCategory: 'Time',
        columns: [column('Date', 'dateTime', { isKey: true }), column('Month', 'int64'), column('Year', 'int64')],
        partitions: [partition('Date', 'calendar')],
      },
      {
        name: 'Sales',
        columns: [
          column('Date', 'dateTime'),
          column('Product Key', 'int64'),
          column('Customer', 'string'),
          column('Amount', 'double'),
          column('Paid', 'boolean'),
        ],
        measures: [
          { name: 'Total', expression: 'SUM(Sales[Amount])' },
          { name: 'Rows', expression: 'COUNTROWS(Sales)' },
          { name: 'Fruit', expression: ['', 'CALCULATE([Total], Product[Category] = "fruit")'] },
          { name: 'Kept Fruit', expression: 'CALCULATE([Total], KEEPFILTERS(Product[Category] = "Fruit"))' },
          { name: 'Share', expression: 'DIVIDE([Total], CALCULATE([Total], REMOVEFILTERS(Product)))' },
          { name: 'Round', expression: '[About]' },
          { name: 'About', expression: '[Round]' },
        ],
        partitions: [partition('Sales', 'sales')],
      },
    ],
    relationships: [
      { name: 'product', fromTable: 'Sales', fromColumn: 'Product Key', toTable: 'Product', toColumn: 'Key' },
      { name: 'date', fromTable: 'Sales', fromColumn: 'Date', toTable: 'Date', toColumn: 'Date' },
    ],
  },
});

/** Its rows in SQL that T-SQL and DuckDB both read. */
export const SMALL_ROWS = {
  product: ["(1, 'Apple', 'Fruit')", "(2, 'Banana', 'Fruit')", "(3, 'Carrot', 'Vegetable')", "(4, 'Date', NULL)"],
  calendar: ["('2026-01-01', 1, 2026)", "('2026-01-02', 1, 2026)", "('2026-02-01', 2, 2026)"],
  sales: [
    "('2026-01-01', 1, 'ann', 10, 1)",
    "('2026-01-02', 1, 'bob', 20, 1)",
    "('2026-01-02', 2, 'ann', NULL, 0)",
    "('2026-02-01', 3, NULL, 5, NULL)",
    "('2026-02-01', 9, 'cid', 7, 1)", // a product that nobody knows
    "('2026-02-01', NULL, 'ann', 0, 0)", // and none at all
  ],
} as const;
