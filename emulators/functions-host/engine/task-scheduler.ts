import type { ActivityRow, Instance, TimerRow } from './records.ts';
import type { Store } from './store.ts';

/** What runs activities and waits for timers. */
export interface TaskPorts {
  readonly startActivity: (activity: ActivityRow) => void;
  readonly startTimer: (timer: TimerRow) => void;
}

/** Keeps the activities and timers that orchestrations wait for. */
export class TaskScheduler {
  readonly #store: Store;
  readonly #ports: TaskPorts;

  constructor(store: Store, ports: TaskPorts) {
    this.#store = store;
    this.#ports = ports;
  }

  /** Keeps an activity, and lets it start once that is on disk. */
  scheduleActivity(instance: Instance, taskId: number, name: string, input: string | null): void {
    const { id: instanceId, executionId } = instance;
    const activity = { seq: this.#store.sequence(), instanceId, executionId, taskId, name, input };
    this.#store.activities.insert(activity);
    this.#store.afterCommit(() => this.#ports.startActivity(activity));
  }

  addTimer(instance: Instance, taskId: number, fireAt: number): void {
    const timer = { seq: this.#store.sequence(), instanceId: instance.id, taskId, fireAt };
    instance.timers.set(taskId, timer);
    this.#store.timers.insert(timer);
    this.#ports.startTimer(timer);
  }

  /** Takes a timer away, and its event if it has fired and not been delivered. */
  dropTimer(instance: Instance, taskId: number): void {
    const timer = instance.timers.get(taskId);
    if (timer !== undefined) {
      instance.timers.delete(taskId);
      this.#store.timers.remove(timer);
      this.#store.touch();
    }
    // It may have fired already, and wait in the inbox.
    for (const item of instance.inbox.filter(({ event }) => event.type === 'timerFired' && event.id === taskId)) {
      instance.inbox.splice(instance.inbox.indexOf(item), 1);
      this.#store.inbox.remove(item);
    }
  }
}
