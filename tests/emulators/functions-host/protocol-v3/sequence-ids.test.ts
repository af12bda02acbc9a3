import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import type { OrchestrationHandler } from 'durable-functions';
import type { Decision, HistoryEvent, TurnOutcome } from '../../../../emulators/functions-host/engine/types.ts';
import { type Action, ActionType } from '../../../../emulators/functions-host/protocol-v3/actions.ts';
import {
  deliverable,
  OrchestrationRunner,
} from '../../../../emulators/functions-host/protocol-v3/orchestration-runner.ts';
import {
  initialSequence,
  numberActions,
  retryDelayMs,
  type SequenceState,
  takeEvent,
} from '../../../../emulators/functions-host/protocol-v3/sequence-ids.ts';
import { randomFrom } from './random.ts';
import { randomStory } from './random-story.ts';

const require = createRequire(import.meta.url);
interface Testing {
  createOrchestrator(story: OrchestrationHandler): (trigger: unknown, context: object) => Promise<unknown>;
}
const { createOrchestrator } = require('durable-functions/lib/src/util/testingUtils') as Testing;

/** What the library knows of its own numbers. */
interface Executor {
  readonly sequenceNumber: number;
  readonly openTasks: Record<
    string,
    { readonly actionObj: { readonly input?: unknown; readonly functionName?: string } }
  >;
}

type Scheduled = Extract<Decision, { kind: 'callActivity' | 'startChild' | 'createTimer' }>;

const isScheduled = (decision: Decision): decision is Scheduled =>
  decision.kind === 'callActivity' || decision.kind === 'startChild' || decision.kind === 'createTimer';

function toEvent(decision: Scheduled, at: number): HistoryEvent {
  const { id } = decision;
  switch (decision.kind) {
    case 'callActivity':
      return { type: 'activityScheduled', at, id, name: decision.name, input: decision.input };
    case 'startChild':
      return {
        type: 'childCreated',
        at,
        id,
        name: decision.name,
        instanceId: `c${id}`,
        input: decision.input,
        version: null,
      };
    case 'createTimer':
      return { type: 'timerCreated', at, id, fireAt: decision.fireAt };
  }
}

/** What came of a task: mostly a success, sometimes a failure, and for requests now and then "ask again". */
function outcomeOf(decision: Scheduled, at: number, random: (n: number) => number): HistoryEvent {
  const { id } = decision;
  if (decision.kind === 'createTimer') {
    return { type: 'timerFired', at, id, fireAt: decision.fireAt };
  }
  const failed = random(3) === 0;
  const [completed, failure] =
    decision.kind === 'callActivity'
      ? (['activityCompleted', 'activityFailed'] as const)
      : (['childCompleted', 'childFailed'] as const);
  if (failed) {
    return { type: failure, at, id, reason: `task-${id}`, details: 'no' };
  }
  if (decision.kind === 'callActivity' && decision.name === 'BuiltIn::HttpActivity') {
    const again = random(2) === 0;
    const headers = again ? { location: '/again', 'retry-after': '1' } : {};
    return {
      type: 'activityCompleted',
      at,
      id,
      result: JSON.stringify({ statusCode: again ? 202 : 200, headers, content: '' }),
    };
  }
  return { type: completed, at, id, result: decision.input };
}

/** Tells a story with the real library, delivering results in random order and batches, and compares all numbers. */
async function tell(seed: number): Promise<{ end: TurnOutcome['end']; turns: number }> {
  const random = randomFrom(seed * 7919 + 1);
  let executor: Executor | undefined;
  const orchestrator = createOrchestrator(randomStory(seed));
  const runner = new OrchestrationRunner(async (_name, payload) => {
    const context: { df?: { taskOrchestratorExecutor: Executor } } = {};
    try {
      return await orchestrator(JSON.parse(payload), context);
    } finally {
      executor = context.df?.taskOrchestratorExecutor;
    }
  });
  const open = new Map<number, Scheduled>();
  const past: HistoryEvent[] = [];
  let at = Date.UTC(2026, 0, 1);
  let inbox: HistoryEvent[] = [{ type: 'executionStarted', at, name: 'story', version: null }];
  let protocolState: unknown;
  for (let turn = 1; turn < 400; turn++) {
    at += 1000;
    const count = deliverable(protocolState, inbox);
    const fresh: HistoryEvent[] = [{ type: 'turnStarted', at }, ...inbox.slice(0, count)];
    inbox = inbox.slice(count);
    const outcome = await runner.run({
      instanceId: 'i',
      name: 'story',
      input: null,
      parentInstanceId: null,
      past,
      fresh,
      protocolState,
    });
    protocolState = outcome.protocolState;
    if (outcome.end !== undefined) {
      return { end: outcome.end, turns: turn };
    }
    const scheduled = outcome.decisions.filter(isScheduled);
    past.push(...fresh, ...scheduled.map((decision) => toEvent(decision, at)), { type: 'turnCompleted', at });
    expect((protocolState as SequenceState).nextId).toBe(executor?.sequenceNumber);
    for (const decision of scheduled) {
      open.set(decision.id, decision);
      const task = executor?.openTasks[decision.id];
      expect(task).toBeDefined();
      if (decision.kind !== 'createTimer' && task?.actionObj.functionName !== undefined) {
        expect([task.actionObj.functionName, toText(task.actionObj.input)]).toEqual([decision.name, decision.input]);
      }
    }
    const ready = [...open.values()];
    for (let i = 1 + random(4); i > 0 && ready.length > 0; i--) {
      const [decision] = ready.splice(random(ready.length), 1);
      if (decision !== undefined) {
        open.delete(decision.id);
        inbox.push(outcomeOf(decision, at, random));
      }
    }
    if (inbox.length === 0) {
      return { end: undefined, turns: turn }; // The library waits for a task that was done before it was awaited.
    }
  }
  throw new Error(`story ${seed} does not end`);
}

const toText = (input: unknown) => (typeof input === 'string' && input.startsWith('"') ? input : JSON.stringify(input));

describe('sequence ids', () => {
  test('are those of the library in random stories with retries, children, timers, requests and tasks awaited again', async () => {
    let ended = 0;
    let turns = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const told = await tell(seed).catch((error: unknown) => {
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
    const first = numberActions(initialSequence, [any]);
    expect(first.fresh.map(({ action, id }) => [action.functionName, id])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    const d = activity('d');
    const second = numberActions(first.state, [any, { actionType: ActionType.WhenAny, compoundActions: [c, d] }]);
    expect(second.fresh.map(({ action, id }) => [action.functionName, id])).toEqual([['d', 3]]);
  });

  test('pass over external events and starting over, and a release takes one for each locked entity', () => {
    const lockSet = [
      { name: 'e', key: '1' },
      { name: 'e', key: '2' },
    ];
    const { fresh, state } = numberActions(initialSequence, [
      { actionType: ActionType.WaitForExternalEvent },
      { actionType: ActionType.LockEntities, lockRequestId: 'r', lockSet },
      { actionType: ActionType.ReleaseEntities },
      activity('a'),
      { actionType: ActionType.ContinueAsNew },
    ]);
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
    const first = numberActions(initialSequence, [activity('a'), timer]);
    const cancelled: Action = { ...timer, isCanceled: true };
    const second = numberActions(first.state, [activity('a'), cancelled]);
    expect(second.cancelled).toEqual([1]);
    expect(numberActions(second.state, [activity('a'), cancelled]).cancelled).toEqual([]);
  });

  test('the last failed attempt waits for a timer that fires at once, and takes no more', () => {
    const options = { firstRetryIntervalInMilliseconds: 100, maxNumberOfAttempts: 2, backoffCoefficient: 3 };
    const call: Action = {
      actionType: ActionType.CallActivityWithRetry,
      functionName: 'a',
      input: 1,
      retryOptions: options,
    };
    const started = numberActions(initialSequence, [call]).state;
    const failedOnce = takeEvent(started, { kind: 'failed', id: 0 });
    expect(failedOnce.steps).toEqual([{ kind: 'timer', id: 1, delayMs: 100 }]);
    const tried = takeEvent(failedOnce.state, { kind: 'timerFired', id: 1 });
    expect(tried.steps).toMatchObject([{ kind: 'call', id: 2 }]);
    const failedTwice = takeEvent(tried.state, { kind: 'failed', id: 2 });
    expect(failedTwice.steps).toEqual([{ kind: 'timer', id: 3, delayMs: 0 }]);
    expect(takeEvent(failedTwice.state, { kind: 'timerFired', id: 3 })).toMatchObject({
      steps: [],
      state: { nextId: 4, pending: {} },
    });
  });

  test('the wait between attempts grows by the coefficient up to its limit', () => {
    const options = { firstRetryIntervalInMilliseconds: 100, maxNumberOfAttempts: 9, backoffCoefficient: 2 };
    expect([1, 2, 3, 4].map((n) => retryDelayMs({ ...options, maxRetryIntervalInMilliseconds: 500 }, n))).toEqual([
      100, 200, 400, 500,
    ]);
  });
});
