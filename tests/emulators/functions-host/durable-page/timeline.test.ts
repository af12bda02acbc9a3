import { describe, expect, test } from '@jest/globals';
import {
  stepValues,
  type TimelineContext,
  toTimeline,
} from '../../../../emulators/functions-host/durable-page/timeline.ts';
import type { HistoryEvent } from '../../../../emulators/functions-host/engine/types.ts';

const running: TimelineContext = { status: 'Running', pendingTimers: new Set() };
const over: TimelineContext = { status: 'Completed', pendingTimers: new Set() };

/** The steps as `kind name status start-end`. */
const brief = (history: readonly HistoryEvent[], context = running) =>
  toTimeline(history, context).map((step) => {
    return `${step.kind} ${step.name} ${step.status} ${step.start}-${step.end ?? ''}`;
  });

const scheduled = (at: number, id: number, name: string): HistoryEvent => {
  return { type: 'activityScheduled', at, id, name, input: `"${name}"` };
};

describe('the timeline of an execution', () => {
  test('is empty before anything was done', () => {
    expect(toTimeline([{ type: 'executionStarted', at: 1, name: 'n', version: null }], running)).toEqual([]);
  });

  test('gives each completion to the task that it ends, whatever their order', () => {
    const history: HistoryEvent[] = [
      scheduled(1, 0, 'a'),
      scheduled(1, 1, 'b'),
      { type: 'activityCompleted', at: 5, id: 1, result: '2' },
      { type: 'activityFailed', at: 9, id: 0, reason: 'no', details: 'at a' },
    ];
    expect(brief(history)).toEqual(['activity a failed 1-9', 'activity b completed 1-5']);
    expect(toTimeline(history, running)[0]).toMatchObject({ index: 0, reason: 'no' });
    expect(stepValues(history, 0)).toEqual({ input: '"a"', result: null, details: 'at a' });
    expect(stepValues(history, 1)).toEqual({ input: '"b"', result: '2', details: null });
    expect(stepValues(history, 2)).toBeUndefined();
  });

  test('tells a timer that will fire from one that was given up', () => {
    const history: HistoryEvent[] = [
      { type: 'timerCreated', at: 1, id: 4, fireAt: 100 },
      { type: 'timerCreated', at: 2, id: 5, fireAt: 200 },
      { type: 'timerCreated', at: 3, id: 6, fireAt: 7 },
      { type: 'timerFired', at: 8, id: 6, fireAt: 7 },
    ];
    expect(brief(history, { status: 'Running', pendingTimers: new Set([4]) })).toEqual([
      'timer Timer pending 1-',
      'timer Timer canceled 2-',
      'timer Timer completed 3-8',
    ]);
  });

  test('leaves nothing under way once the execution is over', () => {
    expect(brief([scheduled(1, 0, 'left')], over)).toEqual(['activity left canceled 1-']);
    expect(brief([scheduled(1, 0, 'left')], { status: 'Suspended', pendingTimers: new Set() })).toEqual([
      'activity left pending 1-',
    ]);
  });

  test('tells an answer of an entity from an event of the same kind', () => {
    const call = JSON.stringify({ op: 'get', input: '1', id: 'r1' });
    const history: HistoryEvent[] = [
      { type: 'eventSent', at: 1, id: 0, target: '@counter@a', name: 'op', input: call },
      { type: 'eventRaised', at: 2, name: 'go', input: '"now"' },
      { type: 'eventRaised', at: 3, name: 'r1', input: '{"result":"7"}', isResponse: true },
    ];
    expect(brief(history)).toEqual(['entity counter/a get completed 1-3', 'event go completed 2-2']);
    expect(stepValues(history, 0)).toEqual({ input: '1', result: '7', details: null });
  });

  test('shows suspensions as lengths, and what ends or rewinds as a moment', () => {
    const history: HistoryEvent[] = [
      { type: 'suspended', at: 1, reason: 'a pause' },
      { type: 'resumed', at: 4, reason: '' },
      { type: 'rewound', at: 5, reason: 'again' },
      { type: 'suspended', at: 6, reason: '' },
      { type: 'terminated', at: 7, reason: 'enough' },
    ];
    expect(brief(history)).toEqual([
      'suspended Suspended completed 1-4',
      'rewound Rewound completed 5-5',
      'suspended Suspended completed 6-7',
      'terminated Terminated completed 7-7',
    ]);
    expect(brief(history.slice(3, 4))).toEqual(['suspended Suspended pending 6-']);
  });

  test('shows what it cannot read as it is', () => {
    const sent: HistoryEvent = { type: 'eventSent', at: 1, id: 0, target: '@e@k', name: 'op', input: 'no JSON' };
    const event: HistoryEvent = { type: 'eventSent', at: 2, id: 1, target: 'other', name: 'done', input: 'no JSON' };
    expect(brief([sent, event])).toEqual(['lock lock e/k completed 1-1', 'sent done completed 2-2']);
  });
});
