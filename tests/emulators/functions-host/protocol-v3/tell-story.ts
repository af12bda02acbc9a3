import { createRequire } from 'node:module';
import type { OrchestrationHandler } from 'durable-functions';
import type { Decision, HistoryEvent, TurnOutcome } from '../../../../emulators/functions-host/engine/types.ts';
import {
  deliverable,
  OrchestrationRunner,
} from '../../../../emulators/functions-host/protocol-v3/orchestration-runner.ts';
import { randomFrom } from './random.ts';

const require = createRequire(import.meta.url);
interface Testing {
  createOrchestrator(story: OrchestrationHandler): (trigger: unknown, context: object) => Promise<unknown>;
}
const { createOrchestrator } = require('durable-functions/lib/src/util/testingUtils') as Testing;

/** What the library knows of its own numbers. */
export interface Executor {
  readonly sequenceNumber: number;
  readonly openTasks: Record<
    string,
    { readonly actionObj: { readonly input?: unknown; readonly functionName?: string } }
  >;
}

type DecisionOf<K extends Decision['kind']> = Decision & { readonly kind: K };
export type Scheduled =
  | DecisionOf<'callActivity'>
  | DecisionOf<'startChild'>
  | DecisionOf<'createTimer'>
  | DecisionOf<'callEntity'>
  | DecisionOf<'signalEntity'>
  | DecisionOf<'lockEntities'>
  | DecisionOf<'releaseEntity'>;

const isScheduled = (decision: Decision): decision is Scheduled => decision.kind !== 'cancelTimer';

/** Whether an answer comes. */
const isAnswered = ({ kind }: Scheduled) => kind !== 'signalEntity' && kind !== 'releaseEntity';

const requestOf = ({ id }: Scheduled) => `request-${id}`;

function toEvent(decision: Scheduled, at: number): HistoryEvent {
  const { id, place } = decision;
  switch (decision.kind) {
    case 'callActivity':
      return { type: 'activityScheduled', at, id, place, name: decision.name, input: decision.input };
    case 'startChild': {
      const { name, input } = decision;
      return { type: 'childCreated', at, id, place, name, instanceId: `c${id}`, input, version: null };
    }
    case 'createTimer':
      return { type: 'timerCreated', at, id, place, fireAt: decision.fireAt };
    case 'releaseEntity':
      return { type: 'eventSent', at, id, place, target: decision.entityId, name: 'release', input: '{}' };
    default: {
      const target = decision.kind === 'lockEntities' ? (decision.entityIds[0] ?? '') : decision.entityId;
      return {
        type: 'eventSent',
        at,
        id,
        place,
        target,
        name: 'op',
        input: JSON.stringify({ id: requestOf(decision) }),
      };
    }
  }
}

/** What came of a task: mostly a success, sometimes a failure, and for requests now and then "ask again". */
function outcomeOf(
  decision: Exclude<Scheduled, { kind: 'signalEntity' | 'releaseEntity' }>,
  at: number,
  random: (n: number) => number,
): HistoryEvent {
  const { id } = decision;
  if (decision.kind === 'createTimer') {
    return { type: 'timerFired', at, id, fireAt: decision.fireAt };
  }
  const failed = random(3) === 0;
  if (decision.kind === 'callEntity' || decision.kind === 'lockEntities') {
    const result = { result: '"yes"', ...(failed && decision.kind === 'callEntity' ? { exceptionType: 'Error' } : {}) };
    return { type: 'eventRaised', at, name: requestOf(decision), input: JSON.stringify(result), isResponse: true };
  }
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
    const result = JSON.stringify({ statusCode: again ? 202 : 200, headers, content: '' });
    return { type: 'activityCompleted', at, id, result };
  }
  return { type: completed, at, id, result: decision.input };
}

export interface Telling {
  readonly seed: number;
  /** The story, asked for before each turn; another one is a change of the code. */
  readonly story: () => OrchestrationHandler;
  /** Whether what is remembered of the instance is forgotten before a turn, as in a new process. */
  readonly forgets?: () => boolean;
  /** Told after each turn. */
  readonly onTurn?: (state: unknown, scheduled: readonly Scheduled[], executor: Executor | undefined) => void;
}

/**
 * Tells a story with the real library, delivering results in random order and batches. Gives how it ended; no end when
 * the library waits for a task that was done before it was awaited.
 */
export async function tell(telling: Telling): Promise<{ end: TurnOutcome['end']; turns: number }> {
  const random = randomFrom(telling.seed * 7919 + 1);
  let executor: Executor | undefined;
  const newRunner = () =>
    new OrchestrationRunner(async (_name, payload, observe) => {
      const context: { df?: { taskOrchestratorExecutor: Executor } } = {};
      observe(context);
      try {
        return await createOrchestrator(telling.story())(JSON.parse(payload), context);
      } finally {
        executor = context.df?.taskOrchestratorExecutor;
      }
    });
  let runner = newRunner();
  const open = new Map<number, Scheduled>();
  const past: HistoryEvent[] = [];
  let at = Date.UTC(2026, 0, 1);
  let inbox: HistoryEvent[] = [{ type: 'executionStarted', at, name: 'story', version: null }];
  let protocolState: unknown;
  let idle = 0;
  for (let turn = 1; turn < 600; turn++) {
    at += 1000;
    const count = deliverable(protocolState, inbox);
    const fresh: HistoryEvent[] = [{ type: 'turnStarted', at }, ...inbox.slice(0, count)];
    inbox = inbox.slice(count);
    runner = telling.forgets?.() === true ? newRunner() : runner;
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
    telling.onTurn?.(protocolState, scheduled, executor);
    for (const decision of scheduled) {
      if (isAnswered(decision)) {
        open.set(decision.id, decision);
      }
    }
    const ready = [...open.values()];
    for (let i = 1 + random(4); i > 0 && ready.length > 0; i--) {
      const [decision] = ready.splice(random(ready.length), 1);
      if (decision !== undefined && decision.kind !== 'signalEntity' && decision.kind !== 'releaseEntity') {
        open.delete(decision.id);
        inbox.push(outcomeOf(decision, at, random));
      }
    }
    // Events come now and then, and when nothing else can move the story.
    if (random(4) === 0 || (inbox.length === 0 && idle++ < 20)) {
      inbox.push({ type: 'eventRaised', at, name: `event${random(2)}`, input: '"news"' });
    }
    if (inbox.length === 0) {
      return { end: undefined, turns: turn };
    }
  }
  throw new Error(`story ${telling.seed} does not end`);
}
