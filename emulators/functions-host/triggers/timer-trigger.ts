import type { DatabaseSync } from 'node:sqlite';
import { resolveSettings } from '../core/app-settings.ts';
import { HostSetupError } from '../core/errors.ts';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import { type Logger, messageOf } from '../core/logger.ts';
import { invokeWithRetry } from '../core/retry.ts';
import { type TimeZone, timeZone } from './time-zone.ts';
import { parseTimerSchedule, type TimerSchedule } from './timer-schedule.ts';

/** When a timer ran last and runs next, in milliseconds; `last` is null when it never ran. */
export interface TimerStatus {
  readonly last: number | null;
  readonly next: number | null;
  readonly updated: number;
}

const longestWait = 2 ** 31 - 1;
const never = '0001-01-01T00:00:00';

/**
 * What a timer does at start, from what is known of it.
 * Source: azure-webjobs-sdk-extensions, `Timers/Listeners/TimerListener.cs`, `Timers/ScheduleMonitor.cs`.
 */
export function resumeTimer(
  schedule: TimerSchedule,
  stored: TimerStatus | undefined,
  now: number,
): { status: TimerStatus; isPastDue: boolean } {
  if (stored === undefined) {
    return { status: { last: null, next: schedule.next(now) ?? null, updated: now }, isPastDue: false };
  }
  const expected = schedule.next(stored.last ?? stored.updated) ?? null;
  let status = stored;
  if (expected !== stored.next) {
    // The schedule was changed since. What the new one would have run in the past is not made up for.
    const next = expected !== null && expected < now ? (schedule.next(now) ?? null) : expected;
    status = { last: stored.last, next, updated: now };
  }
  return { status, isPastDue: status.next !== null && now > status.next };
}

/** Source: "Timer trigger for Azure Functions", NCRONTAB time zones. */
function configuredTimeZone(name: string | undefined): TimeZone | undefined {
  try {
    return name === undefined || name === '' ? undefined : timeZone(name);
  } catch (error) {
    throw new HostSetupError(`WEBSITE_TIME_ZONE: ${messageOf(error)}`, error);
  }
}

class TimerTrigger {
  readonly target: RegisteredFunction;
  readonly schedule: TimerSchedule;
  readonly runOnStartup: boolean;
  readonly useMonitor: boolean;
  status: TimerStatus | undefined;
  wait: NodeJS.Timeout | undefined;

  constructor(target: RegisteredFunction, zone: TimeZone | undefined) {
    const { trigger, name } = target;
    this.target = target;
    this.runOnStartup = trigger.runOnStartup === true;
    try {
      this.schedule = parseTimerSchedule(resolveSettings(String(trigger.schedule ?? ''), process.env), zone);
    } catch (error) {
      throw new HostSetupError(`the timer function ${name} cannot be scheduled: ${messageOf(error)}`, error);
    }
    const next = this.schedule.next(Date.now());
    const after = next === undefined ? undefined : this.schedule.next(next);
    // As in Azure, what runs more often than once a minute is not monitored: it would always be late.
    const frequent = next !== undefined && after !== undefined && after - next < 60_000;
    this.useMonitor = trigger.useMonitor !== false && !frequent;
  }
}

/** Runs timer functions by their schedules, never two at a time of one, and remembers when they ran. */
export class TimerTriggers {
  readonly #database: DatabaseSync;
  readonly #timers: readonly TimerTrigger[];
  readonly #invoker: Invoker;
  readonly #logger: Logger;
  readonly #onFatal: (error: unknown) => void;
  #closed = false;

  /** @throws HostSetupError for a schedule that cannot be read, or a time zone that is not known. */
  constructor(
    database: DatabaseSync,
    targets: readonly RegisteredFunction[],
    invoker: Invoker,
    logger: Logger,
    onFatal: (error: unknown) => void,
  ) {
    this.#onFatal = onFatal;
    this.#database = database;
    this.#invoker = invoker;
    this.#logger = logger;
    database.exec(
      `CREATE TABLE IF NOT EXISTS timer_status (
         name TEXT PRIMARY KEY, last INTEGER, next INTEGER, updated INTEGER NOT NULL
       ) STRICT`,
    );
    const zone = targets.length === 0 ? undefined : configuredTimeZone(process.env.WEBSITE_TIME_ZONE);
    this.#timers = targets.map((target) => new TimerTrigger(target, zone));
  }

  start(): void {
    for (const timer of this.#timers) {
      const resumed = resumeTimer(timer.schedule, timer.useMonitor ? this.#load(timer) : undefined, Date.now());
      timer.status = resumed.status;
      this.#save(timer);
      if (resumed.isPastDue || timer.runOnStartup) {
        this.#fireOrFail(timer, resumed.isPastDue);
      } else {
        this.#arm(timer);
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const { wait } of this.#timers) {
      clearTimeout(wait);
    }
  }

  /** Runs a timer function by hand, outside of its schedule; undefined when there is none of that name. */
  runNow(name: string): Promise<unknown> | undefined {
    const timer = this.#timers.find(({ target }) => target.name === name);
    return timer === undefined ? undefined : this.#invoke(timer, false);
  }

  #arm(timer: TimerTrigger): void {
    const next = timer.status?.next ?? null;
    if (this.#closed || next === null) {
      return;
    }
    const remaining = next - Date.now();
    timer.wait = setTimeout(
      () => (remaining > longestWait ? this.#arm(timer) : this.#fireOrFail(timer, false)),
      Math.min(Math.max(remaining, 0), longestWait),
    );
  }

  /** What the function throws is dealt with; what is left is a state that cannot be written. */
  #fireOrFail(timer: TimerTrigger, isPastDue: boolean): void {
    this.#fire(timer, isPastDue).catch(this.#onFatal);
  }

  async #fire(timer: TimerTrigger, isPastDue: boolean): Promise<void> {
    const planned = timer.status?.next ?? null;
    const firedAt = Date.now();
    try {
      await this.#invoke(timer, isPastDue);
    } catch (error) {
      this.#logger.debug(`the schedule of ${timer.target.name} goes on after: ${messageOf(error)}`);
    }
    if (!this.#database.isOpen) {
      return; // the run outlived the host: it counts as not made, and is made again at the next start
    }
    // Timers of the system may come a little early; counted from then, the same time would come again.
    const isEarly = planned !== null && firedAt < planned && planned - firedAt < 1000;
    const base = isEarly ? planned : firedAt;
    timer.status = { last: base, next: timer.schedule.next(base) ?? null, updated: base };
    this.#save(timer);
    this.#arm(timer);
  }

  #invoke(timer: TimerTrigger, isPastDue: boolean): Promise<unknown> {
    const { status } = timer;
    const time = (at: number | null | undefined) =>
      at === null || at === undefined ? never : new Date(at).toISOString();
    const info = {
      Schedule: { AdjustForDST: true },
      ScheduleStatus:
        timer.useMonitor && status !== undefined
          ? { Last: time(status.last), Next: time(status.next), LastUpdated: time(status.updated) }
          : null,
      IsPastDue: isPastDue,
    };
    const input = { trigger: { json: JSON.stringify(info) } };
    return invokeWithRetry(this.#invoker, timer.target, input, () => this.#closed);
  }

  #load(timer: TimerTrigger): TimerStatus | undefined {
    const row = this.#database
      .prepare('SELECT last, next, updated FROM timer_status WHERE name = ?')
      .get(timer.target.name);
    const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
    return row === undefined
      ? undefined
      : { last: number(row.last), next: number(row.next), updated: Number(row.updated) };
  }

  #save(timer: TimerTrigger): void {
    if (timer.useMonitor && timer.status !== undefined) {
      const { last, next, updated } = timer.status;
      this.#database
        .prepare('INSERT OR REPLACE INTO timer_status (name, last, next, updated) VALUES (?, ?, ?, ?)')
        .run(timer.target.name, last, next, updated);
    }
  }
}
