import { describe, expect, test } from '@jest/globals';
import {
  type Arrival,
  admit,
  EMPTY_INTAKE,
  finish,
  type IntakeState,
  resume,
  takeOver,
} from '../../src/entities/intake.ts';
import type { FileRef } from '../../src/shared/ledger/batch.ts';
import { arrivalPlace, formatTraceparent } from '../../src/shared/telemetry/span-place.ts';

const file = (id: string): FileRef => ({
  id,
  path: `flights/${id}.csv`,
  etag: '0x1',
  size: 1,
  sequencer: '01',
  landedAt: '2026-01-01T00:00:00Z',
});
const arrival = (id: string): Arrival => ({ file: file(id), driver: `admit-${id}` });

/** An intake that knows that no batch came before it. */
const FRESH: IntakeState = { ...EMPTY_INTAKE, lastNumber: 0 };

describe('an intake', () => {
  test('asks at first which numbers were given before it, and goes on behind them', () => {
    const question = admit('flights', EMPTY_INTAKE, arrival('a'));
    expect(question).toEqual({ state: EMPTY_INTAKE, answer: { batch: null, asksForNumber: true } });
    const { answer } = admit('flights', EMPTY_INTAKE, { ...arrival('a'), lastNumber: 41 });
    expect(answer.batch?.id).toBe('flights-00000042');
  });

  test('gives a lone file a batch at once, and remembers who drives it', () => {
    const { answer, state } = admit('flights', FRESH, arrival('a'));
    expect(answer.batch).toEqual({
      ...{ id: 'flights-00000001', dataset: 'flights', number: 1, files: [file('a')] },
      trace: formatTraceparent(arrivalPlace(file('a'))),
    });
    expect(state).toMatchObject({ running: answer.batch, driver: 'admit-a' });
  });

  test('ignores a file that is running or waiting already', () => {
    const running = admit('flights', FRESH, arrival('a')).state;
    const waiting = admit('flights', running, arrival('b')).state;
    for (const again of ['a', 'b']) {
      expect(admit('flights', waiting, arrival(again))).toEqual({
        state: waiting,
        answer: { batch: null, asksForNumber: false },
      });
    }
  });

  test('lets a refresh wait for the running batch, and files for the refresh; wishes to refresh become one', () => {
    const running = admit('flights', FRESH, arrival('a')).state;
    const wished = admit('flights', running, { refresh: 'planes changed', driver: 'x' }).state;
    const twice = admit('flights', wished, { refresh: 'weather changed', driver: 'y' }).state;
    const waiting = admit('flights', twice, arrival('b')).state;
    const second = finish('flights', waiting, 'flights-00000001');
    expect(second.answer.batch).toEqual({
      ...{ id: 'flights-00000002', dataset: 'flights', number: 2, files: [] },
      refresh: 'planes changed',
    });
    const third = finish('flights', second.state, 'flights-00000002');
    expect(third.answer.batch).toMatchObject({ id: 'flights-00000003', number: 3, files: [file('b')] });
    expect(third.answer.batch?.refresh).toBeUndefined();
  });

  test('does not take up a batch while another runs: its files wait', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    const batch = { id: 'flights-00000000', dataset: 'flights', number: 0, files: [file('z')], resumes: 1 };
    const step = resume('flights', state, { batch, inPlace: true, driver: 'resume' });
    expect(step.answer.batch).toBeNull();
    expect(step.state.waiting).toEqual([file('z')]);
  });

  test('ignores the end of a batch that is not the running one', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    expect(finish('flights', state, 'flights-00000009')).toMatchObject({ state, answer: { batch: null } });
  });

  test('gives its running batch to another driver, and only that one', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    expect(takeOver(state, 'flights-00000001', 'adopt').answer.batch?.id).toBe('flights-00000001');
    expect(takeOver(state, 'flights-00000009', 'adopt').answer.batch).toBeNull();
  });

  test('bounds a batch, so that what an orchestration carries stays below 16 KB', () => {
    let { state } = admit('flights', FRESH, arrival('first'));
    for (let index = 0; index < 150; index++) {
      const id = index.toString(16).padStart(32, '0');
      const path = `flights/2013/some-airline/${id.slice(-8)}.csv`;
      const ref = { ...file(id), path, etag: '0x8DCF00000000000', sequencer: '0'.repeat(64) };
      state = admit('flights', state, { file: ref, driver: 'someone' }).state;
    }
    const { answer } = finish('flights', state, 'flights-00000001');
    expect(answer.batch?.files.length).toBeGreaterThan(10);
    expect(JSON.stringify(answer.batch).length).toBeLessThan(16_384);
  });
});
