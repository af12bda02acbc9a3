import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Contract } from '../../../src/shared/contracts/contract.ts';
import { correctionGlob, landedFormat } from '../../../src/shared/contracts/landed-format.ts';

type Arrival = Contract['arrival'];

// test_corrected_rows.py has Python read the same.
const cases: readonly { format: Arrival['format']; path: string; written: string }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'contracts', 'landed-formats.json'), 'utf8'),
);

test.each(cases)('$path of the format $format is written as $written', ({ format, path, written }) => {
  expect(landedFormat({ path: '**', format }, path)).toBe(written);
});

test.each<[Arrival['format'], string, string | undefined]>([
  ['parquet', 'trips/*.parquet', 'trips/*.quarantined.jsonl'],
  ['excel', 'budgets/2026-??.xlsx', 'budgets/2026-??.quarantined.jsonl'],
  ['avro', '**/events', '**/events.quarantined.jsonl'],
  ['csv', 'visits/ä *.csv.gz', 'visits/__*.quarantined.csv'],
  ['jsonl', 'traces/**.jsonl*', 'traces/**.quarantined.jsonl*'],
  ['media', 'media/*.jpg', undefined],
])('corrected rows of %s at %s land at %s', (format, path, glob) => {
  expect(correctionGlob({ path, format })).toBe(glob);
});
