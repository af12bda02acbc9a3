import { expect, test } from '@jest/globals';
import { toCsv } from '../../web/src/views/explore/csv.ts';

const COLUMNS = [
  { name: 'name', type: 'STRING' },
  { name: 'value', type: 'DOUBLE' },
];

test('CSV quotes what needs it, leaves nulls empty, and disarms what a spreadsheet would run', () => {
  const rows = [
    ['plain', 1.5],
    ['a "quoted", text\nof two lines', null],
    ['=HYPERLINK("x")', -3],
    ['-12', true],
    [['list'], '+text'],
  ];
  expect(toCsv(COLUMNS, rows)).toBe(
    [
      'name,value',
      'plain,1.5',
      '"a ""quoted"", text\nof two lines",',
      `"'=HYPERLINK(""x"")",-3`,
      '-12,true',
      `"[""list""]",'+text`,
      '',
    ].join('\r\n'),
  );
});
