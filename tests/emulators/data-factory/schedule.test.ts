import { setTimeout as sleep } from 'node:timers/promises';
import type { TriggerResource } from '@azure/arm-datafactory';
import { expect, test } from '@jest/globals';
import { readTrigger } from '../../../emulators/data-factory/definitions/trigger.ts';
import { nextOccurrence } from '../../../emulators/data-factory/triggers/next-occurrence.ts';
import { activity, FACTORY, GROUP, newFactory } from './factory.ts';

function occurrences(recurrence: object, after: string, count: number): (string | undefined)[] {
  const trigger = readTrigger({ type: 'ScheduleTrigger', typeProperties: { recurrence } });
  const found: (string | undefined)[] = [];
  let time: Date | undefined = new Date(after);
  while (found.length < count && time !== undefined && trigger.recurrence !== undefined) {
    time = nextOccurrence(trigger.recurrence, time, new Date('2026-01-01T00:00:00Z'));
    found.push(time?.toISOString().replace(':00.000Z', ''));
  }
  return found;
}

test('intervals count from the start time', () => {
  const every = (frequency: string, interval: number) => ({ frequency, interval, startTime: '2026-01-31T10:30:00Z' });
  expect(occurrences(every('Minute', 15), '2026-03-01T00:00:01Z', 2)).toEqual(['2026-03-01T00:15', '2026-03-01T00:30']);
  expect(occurrences(every('Hour', 5), '2026-01-31T10:30:00Z', 2)).toEqual(['2026-01-31T15:30', '2026-01-31T20:30']);
  expect(occurrences(every('Day', 2), '2026-02-01T00:00:00Z', 2)).toEqual(['2026-02-02T10:30', '2026-02-04T10:30']);
  expect(occurrences(every('Month', 1), '2026-02-01T00:00:00Z', 2)).toEqual(['2026-02-28T10:30', '2026-03-31T10:30']);
});

test('a schedule chooses hours, days of the week, days and occurrences in the month', () => {
  const from = { interval: 1, startTime: '2026-01-01T00:00:00Z' };
  expect(
    occurrences(
      { ...from, frequency: 'Day', schedule: { hours: [6, 18], minutes: [0, 30] } },
      '2026-05-01T06:00:00Z',
      3,
    ),
  ).toEqual(['2026-05-01T06:30', '2026-05-01T18:00', '2026-05-01T18:30']);
  expect(
    occurrences(
      { ...from, frequency: 'Week', schedule: { weekDays: ['Monday', 'Friday'], hours: [8], minutes: [5] } },
      '2026-05-01T09:00:00Z',
      2,
    ),
  ).toEqual(['2026-05-04T08:05', '2026-05-08T08:05']);
  expect(
    occurrences(
      { ...from, frequency: 'Month', schedule: { monthDays: [1, -1], hours: [0] } },
      '2026-02-01T00:00:00Z',
      2,
    ),
  ).toEqual(['2026-02-28T00:00', '2026-03-01T00:00']);
  const lastFriday = { monthlyOccurrences: [{ day: 'Friday', occurrence: -1 }], hours: [12] };
  expect(occurrences({ ...from, frequency: 'Month', schedule: lastFriday }, '2026-05-01T00:00:00Z', 1)).toEqual([
    '2026-05-29T12:00',
  ]);
});

test('a schedule follows the clocks of its zone, and ends', () => {
  const zoned = {
    frequency: 'Day',
    interval: 1,
    startTime: '2026-03-01T02:30:00',
    timeZone: 'W. Europe Standard Time',
    schedule: { hours: [7] },
  };
  expect(occurrences(zoned, '2026-03-27T12:00:00Z', 2)).toEqual(['2026-03-28T06:00', '2026-03-29T05:00']);
  expect(occurrences({ ...zoned, endTime: '2026-03-29T00:00:00' }, '2026-03-28T12:00:00Z', 1)).toEqual([undefined]);
});

test('a started trigger begins runs with its parameters; stopped, it begins none; started, it cannot be changed', async () => {
  await using factory = await newFactory();
  await factory.put('p', {
    parameters: { at: { type: 'string' } },
    activities: [activity('w', 'Wait', { waitTimeInSeconds: 0 })],
  });
  const start = new Date(Date.now() - 59_000).toISOString().replace(/\.\d+/, '');
  const trigger = {
    properties: {
      type: 'ScheduleTrigger',
      pipelines: [
        {
          pipelineReference: { referenceName: 'p', type: 'PipelineReference' },
          parameters: { at: '@trigger().scheduledTime' },
        },
      ],
      recurrence: { frequency: 'Minute', interval: 1, startTime: new Date(start), timeZone: 'UTC' },
    },
  } as unknown as TriggerResource;
  const { triggers, triggerRuns } = factory.client;
  await triggers.createOrUpdate(GROUP, FACTORY, 't', trigger);
  expect((await triggers.get(GROUP, FACTORY, 't')).properties.runtimeState).toBe('Stopped');
  await triggers.beginStartAndWait(GROUP, FACTORY, 't');
  expect((await triggers.get(GROUP, FACTORY, 't')).properties.runtimeState).toBe('Started');
  await expect(triggers.createOrUpdate(GROUP, FACTORY, 't', trigger)).rejects.toThrow('stop it before');
  const range = { lastUpdatedAfter: new Date(Date.now() - 60_000), lastUpdatedBefore: new Date(Date.now() + 60_000) };
  let fired = await triggerRuns.queryByFactory(GROUP, FACTORY, range);
  for (let tries = 0; fired.value.length === 0 && tries < 100; tries += 1) {
    await sleep(50);
    fired = await triggerRuns.queryByFactory(GROUP, FACTORY, range);
  }
  const [first] = fired.value;
  expect(first).toMatchObject({ triggerName: 't', triggerType: 'ScheduleTrigger', status: 'Succeeded' });
  const run = await factory.ended(first?.triggeredPipelines?.p ?? '');
  expect(run).toMatchObject({ status: 'Succeeded', invokedBy: { name: 't', invokedByType: 'ScheduleTrigger' } });
  expect(run.parameters?.at).toBe(first?.properties?.ScheduleTime);
  await triggers.beginStopAndWait(GROUP, FACTORY, 't');
  await triggers.delete(GROUP, FACTORY, 't');
}, 15_000);
