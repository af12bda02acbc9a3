import { describe, expect, test } from '@jest/globals';
import { fileId } from '../../../src/shared/ledger/file-record.ts';
import {
  arrivalPlace,
  batchPlace,
  formatTraceparent,
  jobPlace,
  parseTraceparent,
} from '../../../src/shared/telemetry/span-place.ts';

const id = fileId('flights/2013-01.csv', '0x1');
const GIVEN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('the place of a span', () => {
  test('of an arrival is in the trace of the file, whose id it is, or in the one that its event came with', () => {
    expect(arrivalPlace({ id })).toEqual({ traceId: id, spanId: expect.stringMatching(/^[\da-f]{16}$/) });
    expect(arrivalPlace({ id, traceparent: GIVEN }).traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(arrivalPlace({ id, traceparent: 'nonsense' }).traceId).toBe(id);
  });

  test('is the same whenever it is asked for, and another for everything else', () => {
    const batch = { id: 'flights-00000001', trace: formatTraceparent(arrivalPlace({ id })) };
    const places = [
      arrivalPlace({ id }),
      batchPlace(batch),
      batchPlace({ ...batch, resumes: 1 }),
      jobPlace(batch, 'score', 1),
      jobPlace(batch, 'score', 2),
    ];
    expect(new Set(places.map(({ traceId }) => traceId))).toEqual(new Set([id]));
    expect(new Set(places.map(({ spanId }) => spanId)).size).toBe(places.length);
    expect(jobPlace({ ...batch }, 'score', 1)).toEqual(places[3]);
  });

  test('of a batch without files is in a trace of its own', () => {
    expect(batchPlace({ id: 'flights-00000002' }).traceId).toMatch(/^[\da-f]{32}$/);
    expect(batchPlace({ id: 'flights-00000002' })).not.toEqual(batchPlace({ id: 'flights-00000003' }));
  });

  test('is written and read as W3C Trace Context has it', () => {
    expect(formatTraceparent(parseTraceparent(GIVEN) ?? { traceId: '', spanId: '' })).toBe(GIVEN);
    for (const text of [undefined, '', GIVEN.toUpperCase(), `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, '00-1-2-01'])
      expect(parseTraceparent(text)).toBeUndefined();
  });
});
