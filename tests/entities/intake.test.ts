import { describe, expect, test } from '@jest/globals';
import type { FileRef } from '../../src/activities/activities.ts';
import { admit, EMPTY_INTAKE, finish } from '../../src/entities/intake.ts';

const file = (id: string): FileRef => ({
  id,
  path: `flights/${id}.csv`,
  etag: '0x1',
  size: 1,
  sequencer: '01',
  landedAt: '2026-01-01T00:00:00Z',
});

describe('an intake', () => {
  test('gives a lone file a batch at once', () => {
    const { batch, state } = admit('flights', EMPTY_INTAKE, file('a'));
    expect(batch).toEqual({ id: 'flights-00000001', dataset: 'flights', number: 1, files: [file('a')] });
    expect(state.running).toEqual(batch);
  });

  test('ignores a file that is running or waiting already', () => {
    const running = admit('flights', EMPTY_INTAKE, file('a')).state;
    const waiting = admit('flights', running, file('b')).state;
    expect(admit('flights', waiting, file('a'))).toEqual({ state: waiting, batch: null });
    expect(admit('flights', waiting, file('b'))).toEqual({ state: waiting, batch: null });
  });

  test('ignores the end of a batch that is not the running one', () => {
    const { state } = admit('flights', EMPTY_INTAKE, file('a'));
    expect(finish('flights', state, 'flights-00000009')).toEqual({ state, batch: null });
  });

  test('bounds a batch, so that what an orchestration carries stays below 16 KB', () => {
    let { state } = admit('flights', EMPTY_INTAKE, file('first'));
    for (let index = 0; index < 150; index++) {
      const id = index.toString(16).padStart(32, '0');
      state = admit('flights', state, {
        ...file(id),
        path: `flights/2013/some-airline/${id.slice(-8)}.csv`,
        etag: '0x8DCF00000000000',
        sequencer: '0'.repeat(64),
      }).state;
    }
    const { batch } = finish('flights', state, 'flights-00000001');
    expect(batch?.files.length).toBeGreaterThan(10);
    expect(JSON.stringify(batch).length).toBeLessThan(16_384);
  });
});
