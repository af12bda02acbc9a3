import { randomUUID } from 'node:crypto';
import { timestamp } from '../definitions/durations.ts';
import { DefinitionError } from '../definitions/json.ts';
import { readTrigger } from '../definitions/trigger.ts';
import { type Engine, evaluateTriggerParameters } from '../engine/engine.ts';
import { ExpressionError, type ObjectValue } from '../expressions/index.ts';
import type { ResourceRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { nextOccurrence } from './next-occurrence.ts';

const LONGEST_SLEEP_MS = 60_000;

/**
 * Fires started schedule triggers. What is due next is kept, so that each time is fired once; of times that passed while
 * the emulator was down, only the last is made up for.
 */
export class Scheduler {
  readonly #store: Store;
  readonly #engine: Engine;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(store: Store, engine: Engine) {
    this.#store = store;
    this.#engine = engine;
  }

  /** Starts a trigger. */
  start(factory: string, trigger: ResourceRecord): void {
    const { recurrence, type } = readTrigger(trigger.properties);
    if (recurrence === undefined) {
      throw new DefinitionError(`Triggers of type '${type}' are not emulated; only a ScheduleTrigger can be started.`);
    }
    const now = new Date();
    const due = nextOccurrence(recurrence, now, now);
    this.#store.transaction(() => {
      this.#store.resources.put(factory, 'triggers', {
        name: trigger.name,
        properties: { ...trigger.properties, runtimeState: 'Started' },
      });
      this.#keep(factory, trigger.name, now, due);
    });
    this.wake();
  }

  /** Stops a trigger; runs that it began go on. */
  stop(factory: string, trigger: ResourceRecord): void {
    this.#store.transaction(() => {
      this.#store.resources.put(factory, 'triggers', {
        name: trigger.name,
        properties: { ...trigger.properties, runtimeState: 'Stopped' },
      });
      this.#store.resources.delete(factory, 'schedules', trigger.name);
    });
    this.wake();
  }

  /** Fires what is due and sleeps until the next time. */
  wake(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const now = new Date();
    let soonest = now.getTime() + LONGEST_SLEEP_MS;
    for (const { factory, record } of this.#store.resources.everywhere('schedules')) {
      const due = typeof record.properties.due === 'string' ? new Date(record.properties.due) : undefined;
      const trigger = this.#store.resources.get(factory, 'triggers', record.name);
      if (due === undefined || trigger === undefined) continue;
      const next = due <= now ? this.#fire(factory, trigger, record, due, now) : due;
      if (next !== undefined) soonest = Math.min(soonest, next.getTime());
    }
    this.#timer = setTimeout(() => this.wake(), Math.max(1, soonest - Date.now()));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #keep(factory: string, name: string, started: Date, due: Date | undefined): void {
    const properties = { started: started.toISOString(), ...(due === undefined ? {} : { due: due.toISOString() }) };
    this.#store.resources.put(factory, 'schedules', { name, properties });
  }

  #fire(factory: string, trigger: ResourceRecord, record: ResourceRecord, due: Date, now: Date): Date | undefined {
    const { recurrence } = readTrigger(trigger.properties);
    if (recurrence === undefined) return undefined;
    const started = new Date(String(record.properties.started));
    let time = due;
    let next = nextOccurrence(recurrence, time, started);
    while (next !== undefined && next <= now) {
      time = next;
      next = nextOccurrence(recurrence, time, started);
    }
    this.#store.transaction(() => {
      this.#startPipelines(factory, trigger, time, now);
      this.#keep(factory, trigger.name, started, next);
    });
    return next;
  }

  #startPipelines(factory: string, trigger: ResourceRecord, scheduled: Date, now: Date): void {
    const { type, pipelines } = readTrigger(trigger.properties);
    const triggerRunId = randomUUID();
    const times = { scheduledTime: timestamp(scheduled), startTime: timestamp(now) };
    const value: ObjectValue = { ...times, name: trigger.name, outputs: { body: null } };
    const started: Record<string, string> = {};
    const failures: string[] = [];
    for (const { pipeline, parameters } of pipelines) {
      try {
        started[pipeline.name] = this.#engine.start({
          factory,
          pipelineName: pipeline.name,
          parameters: evaluateTriggerParameters(parameters, value),
          invokedBy: { id: triggerRunId, name: trigger.name, invokedByType: 'ScheduleTrigger' },
          trigger: value,
        });
      } catch (error) {
        if (!(error instanceof DefinitionError || error instanceof ExpressionError)) throw error;
        failures.push(`${pipeline.name}: ${error.message}`);
      }
    }
    this.#store.triggerRuns.put({
      triggerRunId,
      factory,
      triggerName: trigger.name,
      triggerType: type,
      triggerRunTimestamp: timestamp(now),
      status: failures.length === 0 ? 'Succeeded' : 'Failed',
      message: failures.join('\n'),
      properties: { TriggerTime: times.startTime, ScheduleTime: times.scheduledTime },
      triggeredPipelines: started,
    });
  }
}
