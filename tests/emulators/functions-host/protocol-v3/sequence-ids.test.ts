import { describe, expect, test } from '@jest/globals';
import { type Action, ActionType } from '../../../../emulators/functions-host/protocol-v3/actions.ts';
import { retryDelayMs, takeEvent } from '../../../../emulators/functions-host/protocol-v3/hidden-steps.ts';
import {
  initialSequence,
  numberActions,
  type SequenceState,
} from '../../../../emulators/functions-host/protocol-v3/sequence-ids.ts';
import { randomStory } from './random-story.ts';
import { tell } from './tell-story.ts';

/** Tells a story and compares all numbers with the library's own. */
const compare = (seed: number) =>
  tell({
    seed,
    story: () => randomStory(seed),
    onTurn: (state, scheduled, executor) => {
      expect((state as SequenceState).nextId).toBe(executor?.sequenceNumber);
      for (const decision of scheduled) {
        const task = executor?.openTasks[decision.id];
        if (decision.kind === 'signalEntity' || decision.kind === 'releaseEntity') {
          expect(task).toBeUndefined();
          continue;
        }
        expect(task).toBeDefined();
        if (
          (decision.kind === 'callActivity' || decision.kind === 'startChild') &&
          task?.actionObj.functionName !== undefined
        ) {
          expect([task.actionObj.functionName, toText(task.actionObj.input)]).toEqual([decision.name, decision.input]);
        }
      }
    },
  });

const toText = (input: unknown) => (typeof input === 'string' && input.startsWith('"') ? input : JSON.stringify(input));

describe('sequence ids', () => {
  test('are those of the library in random stories of all kinds of tasks, alone, nested and awaited again', async () => {
    let ended = 0;
    let turns = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const told = await compare(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      });
      ended += told.end?.kind === 'completed' ? 1 : 0;
      turns += told.turns;
    }
    expect(ended).toBeGreaterThan(200);
    expect(turns).toBeGreaterThan(2000);
  });

  const activity = (name: string): Action => ({ actionType: ActionType.CallActivity, functionName: name });

  test('count leaves depth first, and a leaf that is listed again only once', () => {
    const [a, b, c] = [activity('a'), activity('b'), activity('c')];
    const all: Action = { actionType: ActionType.WhenAll, compoundActions: [b, c] };
    const any: Action = { actionType: ActionType.WhenAny, compoundActions: [a, all] };
    const first = numberActions(initialSequence, [any], 0);
    expect(first.fresh.map(({ action, id }) => [action.functionName, id])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    const d = activity('d');
    const second = numberActions(first.state, [any, { actionType: ActionType.WhenAny, compoundActions: [c, d] }], 0);
    expect(second.fresh.map(({ action, id }) => [action.functionName, id])).toEqual([['d', 3]]);
  });

  test('pass over external events and starting over, and a release takes one for each locked entity', () => {
    const lockSet = [
      { name: 'e', key: '1' },
      { name: 'e', key: '2' },
    ];
    const { fresh, state } = numberActions(
      initialSequence,
      [
        { actionType: ActionType.WaitForExternalEvent },
        { actionType: ActionType.LockEntities, lockRequestId: 'r', lockSet },
        { actionType: ActionType.ReleaseEntities },
        activity('a'),
        { actionType: ActionType.ContinueAsNew },
      ],
      0,
    );
    expect(fresh.map(({ id, entity }) => [id, entity?.key])).toEqual([
      [0, undefined],
      [1, '1'],
      [2, '2'],
      [3, undefined],
    ]);
    expect(state.nextId).toBe(4);
  });

  test('a timer that the story cancels later is reported once, by its id', () => {
    const timer: Action = { actionType: ActionType.CreateTimer, fireAt: new Date(0), isCanceled: false };
    const first = numberActions(initialSequence, [activity('a'), timer], 0);
    const cancelled: Action = { ...timer, isCanceled: true };
    const second = numberActions(first.state, [activity('a'), cancelled], 0);
    expect(second.cancelled).toEqual([1]);
    expect(numberActions(second.state, [activity('a'), cancelled], 0).cancelled).toEqual([]);
  });

  test('the last failed attempt waits for a timer that fires at once, and takes no more', () => {
    const options = { firstRetryIntervalInMilliseconds: 100, maxNumberOfAttempts: 2, backoffCoefficient: 3 };
    const call: Action = {
      actionType: ActionType.CallActivityWithRetry,
      functionName: 'a',
      input: 1,
      retryOptions: options,
    };
    const started = numberActions(initialSequence, [call], 0).state;
    const failedOnce = takeEvent(started, { kind: 'failed', id: 0, reason: 'no' }, 0);
    expect(failedOnce.steps).toEqual([{ kind: 'timer', id: 1, delayMs: 100 }]);
    const tried = takeEvent(failedOnce.state, { kind: 'timerFired', id: 1 }, 0);
    expect(tried.steps).toMatchObject([{ kind: 'call', id: 2 }]);
    const failedTwice = takeEvent(tried.state, { kind: 'failed', id: 2, reason: 'no' }, 0);
    expect(failedTwice.steps).toEqual([{ kind: 'timer', id: 3, delayMs: 0 }]);
    expect(takeEvent(failedTwice.state, { kind: 'timerFired', id: 3 }, 0)).toMatchObject({
      steps: [],
      state: { nextId: 4, pending: {} },
    });
  });

  test('when the time for retries is over, what is left fails at once with the last reason', () => {
    const options = { firstRetryIntervalInMilliseconds: 100, maxNumberOfAttempts: 3, retryTimeoutInMilliseconds: 500 };
    const call: Action = { actionType: ActionType.CallActivityWithRetry, functionName: 'a', retryOptions: options };
    const started = numberActions(initialSequence, [call], 1000).state;
    const failed = takeEvent(started, { kind: 'failed', id: 0, reason: 'too late' }, 1500);
    expect(failed.steps).toEqual([{ kind: 'timer', id: 1, delayMs: 0 }]);
    const tried = takeEvent(failed.state, { kind: 'timerFired', id: 1 }, 1501);
    expect(tried.steps).toEqual([{ kind: 'fail', id: 2, reason: 'too late' }]);
    const endless = { ...call, retryOptions: { ...options, maxNumberOfAttempts: 1e9 } };
    const begun = numberActions(initialSequence, [endless], 1000).state;
    expect(takeEvent(begun, { kind: 'failed', id: 0, reason: 'no' }, 1600).fault).toMatch(/retries of 'a' is over/);
  });

  test('the wait between attempts grows by the coefficient up to its limit', () => {
    const options = { firstRetryIntervalInMilliseconds: 100, maxNumberOfAttempts: 9, backoffCoefficient: 2 };
    expect([1, 2, 3, 4].map((n) => retryDelayMs({ ...options, maxRetryIntervalInMilliseconds: 500 }, n))).toEqual([
      100, 200, 400, 500,
    ]);
  });
});
