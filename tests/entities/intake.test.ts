import { describe, expect, test } from '@jest/globals';
import {
  type Arrival,
  admit,
  EMPTY_INTAKE,
  type Finish,
  finish,
  type IntakeState,
  resume,
  takeOver,
} from '../../src/entities/intake.ts';

const arrival = (id: string): Arrival => ({ driver: `admit-${id}` });
const ended = (batch: string, rest: Partial<Finish> = {}): Finish => ({ batch, more: false, unused: false, ...rest });

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
    expect(answer.batch).toEqual({ id: 'flights-00000001', dataset: 'flights', number: 1 });
    expect(state).toMatchObject({ running: answer.batch, driver: 'admit-a', waiting: false });
  });

  test('remembers that files wait, not which, and gives one batch for all of them', () => {
    let { state } = admit('flights', FRESH, arrival('a'));
    for (const id of ['b', 'c', 'd']) state = admit('flights', state, arrival(id)).state;
    expect(state).toEqual({ ...admit('flights', FRESH, arrival('a')).state, waiting: true });
    const second = finish('flights', state, ended('flights-00000001'));
    expect(second.answer.batch?.id).toBe('flights-00000002');
    const third = finish('flights', second.state, ended('flights-00000002'));
    expect(third).toMatchObject({ state: { ...EMPTY_INTAKE, lastNumber: 2 }, answer: { batch: null } });
  });

  test('goes on with what a batch could not take', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    const { answer } = finish('flights', state, ended('flights-00000001', { more: true }));
    expect(answer.batch?.id).toBe('flights-00000002');
  });

  test('gives the number of a batch that found no file to the next one', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    const idle = finish('flights', state, ended('flights-00000001', { unused: true })).state;
    expect(idle).toEqual(FRESH);
    expect(admit('flights', idle, arrival('b')).answer.batch?.id).toBe('flights-00000001');
  });

  test('lets a refresh wait for the running batch, and files for the refresh; wishes to refresh become one', () => {
    const running = admit('flights', FRESH, arrival('a')).state;
    const wished = admit('flights', running, { refresh: 'planes changed', driver: 'x' }).state;
    const twice = admit('flights', wished, { refresh: 'weather changed', driver: 'y' }).state;
    const waiting = admit('flights', twice, arrival('b')).state;
    const second = finish('flights', waiting, ended('flights-00000001'));
    expect(second.answer.batch).toEqual({
      ...{ id: 'flights-00000002', dataset: 'flights', number: 2 },
      refresh: 'planes changed',
    });
    const third = finish('flights', second.state, ended('flights-00000002'));
    expect(third.answer.batch).toEqual({ id: 'flights-00000003', dataset: 'flights', number: 3 });
  });

  test('does not take up a batch while another runs: its files wait', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    const batch = { id: 'flights-00000000', dataset: 'flights', number: 0, resumes: 1 };
    const step = resume('flights', state, { batch, inPlace: true, driver: 'resume' });
    expect(step.answer.batch).toBeNull();
    expect(step.state.waiting).toBe(true);
  });

  describe('that hears of a batch to resume before its driver has told its end', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    const batch = { id: 'flights-00000001', dataset: 'flights', number: 1, resumes: 1 };
    const resumption = { batch, inPlace: true, driver: 'resume' };
    const told = resume('flights', state, resumption);

    test('gives it to that driver when it does', () => {
      expect(told.answer.batch).toBeNull();
      const again = finish('flights', told.state, ended(batch.id));
      expect(again.answer.batch).toEqual(batch);
      expect(again.state).toEqual({ ...FRESH, running: batch, driver: 'admit-a', lastNumber: 1 });
      expect(finish('flights', again.state, ended(batch.id)).answer.batch).toBeNull();
    });

    test('lets files that arrived meanwhile wait for the batch after it', () => {
      const again = finish('flights', admit('flights', told.state, arrival('b')).state, ended(batch.id));
      expect(again).toMatchObject({ state: { waiting: true }, answer: { batch } });
      expect(finish('flights', again.state, ended(batch.id)).answer.batch?.id).toBe('flights-00000002');
    });

    test('gives its files a new batch where it cannot go on as it is', () => {
      const anew = resume('flights', state, { ...resumption, inPlace: false });
      expect(finish('flights', anew.state, ended(batch.id)).answer.batch?.id).toBe('flights-00000002');
    });

    test('does not resume it twice', () => {
      const again = finish('flights', told.state, ended(batch.id));
      expect(resume('flights', again.state, resumption)).toEqual({ ...again, answer: told.answer });
    });
  });

  test('ignores the end of a batch that is not the running one', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    expect(finish('flights', state, ended('flights-00000009'))).toMatchObject({ state, answer: { batch: null } });
  });

  test('gives its running batch to another driver, and only that one', () => {
    const { state } = admit('flights', FRESH, arrival('a'));
    expect(takeOver(state, 'flights-00000001', 'adopt').answer.batch?.id).toBe('flights-00000001');
    expect(takeOver(state, 'flights-00000009', 'adopt').answer.batch).toBeNull();
  });
});
