import { describe, expect, test } from '@jest/globals';
import type { OrchestrationContext, Task } from 'durable-functions';
import type { BegunRefresh, RefreshOutcome, RefreshStart } from '../../src/activities/activities.ts';
import type { RefreshState } from '../../src/entities/semantic-model.ts';
import { refreshSemanticModel } from '../../src/orchestrators/refresh-semantic-model.ts';
import { requestModelRefresh } from '../../src/orchestrators/request-model-refresh.ts';
import { ORCHESTRATORS } from '../../src/shared/names.ts';
import { createInlineDurable } from '../support/inline-durable.ts';

const BEGUN: BegunRefresh = { id: 'r1', covers: true, timeoutSeconds: 600 };
const COMPLETED: RefreshOutcome = {
  state: 'completed',
  message: '',
  startedAt: '2026-01-01T00:00:01Z',
  endedAt: '2026-01-01T00:00:03Z',
};
const RUNNING: RefreshOutcome = { ...COMPLETED, state: 'running' };
const batch = (number: number) => ({ id: `flights-${number}`, dataset: 'flights', number, files: [] });
const INPUT = { service: 'power-bi', driver: 'model-power-bi-flights-1' };

/** The end of a batch. */
function* askFor(context: OrchestrationContext): Generator<Task, void, never> {
  yield* requestModelRefresh(context, context.df.getInput());
}

/** A model that batch 1 has published for already. */
async function durableWith(activities: Record<string, (input: never) => unknown>) {
  const durable = createInlineDurable(
    {
      [ORCHESTRATORS.refreshSemanticModel]: refreshSemanticModel,
      request: askFor,
    },
    {
      'find-semantic-models': () => ['power-bi'],
      'drive-refresh': () => null,
      'start-refresh': () => BEGUN,
      'await-refresh': () => COMPLETED,
      'cancel-refresh': () => null,
      'record-refresh': () => null,
      ...activities,
    },
  );
  await durable.run('request', batch(1));
  const run = () => durable.run(ORCHESTRATORS.refreshSemanticModel, INPUT, INPUT.driver);
  const records = () =>
    durable.trace.inputs.get('record-refresh') as {
      publications: { version: number }[];
      ending: { error?: string; startedAt: string };
    }[];
  const count = (name: string) => durable.trace.inputs.get(name)?.length ?? 0;
  return { ...durable, runRefresh: run, records, count };
}

describe('a publication', () => {
  test('has the model refreshed, and waits for no more than that somebody does it', async () => {
    const durable = await durableWith({});
    expect(durable.trace.inputs.get('drive-refresh')).toEqual([INPUT]);
    expect(durable.count('start-refresh')).toBe(0);
    await durable.runRefresh();
    expect(durable.count('start-refresh')).toBe(1);
    expect(durable.records()).toMatchObject([
      { publications: [{ version: 1 }], ending: { startedAt: COMPLETED.startedAt, endedAt: COMPLETED.endedAt } },
    ]);
    expect(durable.models.get('power-bi')?.driver).toBeNull();
  });

  test('during a refresh shares the next one with all others', async () => {
    let refreshes = 0;
    const durable = await durableWith({
      'await-refresh': (async () => {
        if (++refreshes === 1) for (const number of [2, 3, 4]) await durable.run('request', batch(number));
        return COMPLETED;
      }) as never,
    });
    await durable.runRefresh();
    expect(durable.count('drive-refresh')).toBe(1);
    expect(durable.records().map(({ publications }) => publications.map(({ version }) => version))).toEqual([
      [1],
      [2, 3, 4],
    ]);
  });

  test('stays published when the model cannot even be asked', async () => {
    const durable = await durableWith({
      'find-semantic-models': () => {
        throw new Error('no configuration');
      },
    });
    expect(durable.models.get('power-bi')).toBeUndefined();
  });

  test('of a dataset that no model shows asks for nothing', async () => {
    const durable = await durableWith({ 'find-semantic-models': () => [] });
    expect(durable.models.get('power-bi')).toBeUndefined();
  });
});

describe('a refresh', () => {
  test('is followed ever less often, and counts only when it has completed', async () => {
    let looks = 0;
    const durable = await durableWith({ 'await-refresh': () => (++looks < 4 ? RUNNING : COMPLETED) });
    await durable.runRefresh();
    expect(durable.trace.calls.filter((call) => call.startsWith('timer'))).toEqual([
      'timer 1',
      'timer 1.5',
      'timer 2.25',
    ]);
    expect(durable.records()).toHaveLength(1);
  });

  test('that somebody began before the publication is waited for, and another one started', async () => {
    const begun = [{ ...BEGUN, id: 'theirs', covers: false }, BEGUN];
    const durable = await durableWith({ 'start-refresh': () => begun.shift() });
    await durable.runRefresh();
    expect(durable.trace.inputs.get('await-refresh')).toMatchObject([{ id: 'theirs' }, { id: 'r1' }]);
    const [start] = durable.trace.inputs.get('start-refresh') as RefreshStart[];
    expect(start?.since).toBe('2026-01-01T00:00:00.000Z');
    expect(durable.records()[0]?.ending.error).toBeUndefined();
  });

  test('that takes longer than its limit is cancelled and told of', async () => {
    const durable = await durableWith({ 'await-refresh': () => RUNNING });
    await durable.runRefresh();
    expect(durable.trace.inputs.get('cancel-refresh')).toEqual([{ service: 'power-bi', id: 'r1' }]);
    expect(durable.records()[0]?.ending.error).toContain('within 600 s');
  });

  test('of somebody else that does not end is not ours to cancel', async () => {
    const durable = await durableWith({
      'start-refresh': () => ({ ...BEGUN, covers: false }),
      'await-refresh': () => RUNNING,
    });
    await durable.runRefresh();
    expect(durable.count('cancel-refresh')).toBe(0);
    expect(durable.records()[0]?.ending.error).toContain('Another refresh had not ended');
  });

  test.each<[string, Record<string, (input: never) => unknown>, string]>([
    [
      'fails',
      { 'await-refresh': () => ({ ...COMPLETED, state: 'failed', message: 'no such table' }) },
      'no such table',
    ],
    ['is refused', { 'start-refresh': () => ({ ...BEGUN, refusal: '403 not yours' }) }, '403 not yours'],
    [
      'cannot be followed',
      {
        'await-refresh': () => {
          throw new Error('Power BI is away');
        },
      },
      'Power BI is away',
    ],
  ])('that %s is told of, and the next publication tries again', async (_, activities, reason) => {
    const durable = await durableWith(activities);
    await durable.runRefresh();
    expect(durable.records()[0]?.ending.error).toContain(reason);
    await durable.run('request', batch(2));
    expect(durable.count('drive-refresh')).toBe(2);
    expect(durable.models.get('power-bi') as RefreshState).toMatchObject({ driver: 'model-power-bi-flights-2' });
  });

  test('that fails for a moment is tried again', async () => {
    const outcomes = [{ ...COMPLETED, state: 'failed' }, COMPLETED];
    const durable = await durableWith({ 'await-refresh': () => outcomes.shift() });
    await durable.runRefresh();
    expect(durable.count('start-refresh')).toBe(2);
    expect(durable.trace.calls.filter((call) => call.startsWith('timer'))).toEqual(['timer 2']);
    expect(durable.records()[0]?.ending.error).toBeUndefined();
  });

  test('that somebody cancelled is not', async () => {
    const durable = await durableWith({ 'await-refresh': () => ({ ...COMPLETED, state: 'canceled' }) });
    await durable.runRefresh();
    expect(durable.count('start-refresh')).toBe(1);
    expect(durable.records()[0]?.ending.error).toContain('canceled');
  });

  test('that cannot be noted does not hold up the next one', async () => {
    const durable = await durableWith({
      'record-refresh': () => {
        throw new Error('Cosmos DB is away');
      },
    });
    await durable.runRefresh();
    expect(durable.models.get('power-bi')?.driver).toBeNull();
  });

  test('does nothing in an instance that is not the driver', async () => {
    const durable = await durableWith({});
    await durable.run(ORCHESTRATORS.refreshSemanticModel, INPUT, 'started-again');
    expect(durable.count('start-refresh')).toBe(0);
  });
});
