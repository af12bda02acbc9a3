import { describe, expect, test } from '@jest/globals';
import {
  begin,
  finish,
  NO_REFRESH,
  operateRefresh,
  type RefreshState,
  request,
} from '../../src/entities/semantic-model.ts';

const publication = (number: number) => ({
  dataset: 'flights',
  batch: `flights-${number}`,
  version: number,
  publishedAt: `2026-01-01T00:00:0${number % 10}Z`,
});
const asked = (state: RefreshState, number: number) =>
  request(state, { publication: publication(number), driver: `driver-${number}` });

describe('the semantic model of a service', () => {
  test('is refreshed at once for a publication when nothing is refreshed', () => {
    const { state, answer } = asked(NO_REFRESH, 1);
    expect(answer.drives).toBe(true);
    expect(begin(state, { driver: 'driver-1' }).answer.publications).toEqual([publication(1)]);
  });

  test('takes what is published during a refresh together into the next one, which the same driver does', () => {
    let { state } = asked(NO_REFRESH, 1);
    for (const number of [2, 3]) {
      const step = asked(state, number);
      expect(step.answer.drives).toBe(false);
      state = step.state;
    }
    const ended = finish(state, 'driver-1');
    expect(ended.answer.publications).toEqual([publication(2), publication(3)]);
    expect(finish(ended.state, 'driver-1')).toEqual({
      state: NO_REFRESH,
      answer: { drives: false, publications: null },
    });
  });

  test('asked twice by the same batch says the same, and counts it once', () => {
    const { state } = asked(NO_REFRESH, 1);
    expect(asked(state, 1)).toEqual({ state, answer: { drives: true, publications: null } });
    const waiting = asked(asked(state, 2).state, 2).state;
    expect(waiting.waiting).toEqual([publication(2)]);
  });

  test('gives nothing to an instance that is not the driver, until it replaces the one that is gone', () => {
    const { state } = asked(NO_REFRESH, 1);
    expect(begin(state, { driver: 'other' }).answer.publications).toBeNull();
    expect(finish(state, 'other').state).toBe(state);
    const adopted = begin(state, { driver: 'other', replaces: 'driver-1' });
    expect(adopted.answer.publications).toEqual([publication(1)]);
    expect(begin(adopted.state, { driver: 'driver-1' }).answer.publications).toBeNull();
  });

  test('keeps the newest publications only, however long a refresh takes', () => {
    let { state } = asked(NO_REFRESH, 1);
    for (let number = 2; number < 100; number++) state = asked(state, number).state;
    expect(state.waiting).toHaveLength(50);
    expect(state.waiting.at(-1)?.version).toBe(99);
  });

  test('refuses an operation that it does not know', () => {
    expect(() => operateRefresh(NO_REFRESH, 'stop', null)).toThrow("'stop'");
  });
});
