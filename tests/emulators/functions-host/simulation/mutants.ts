import { Entities } from '../../../../emulators/functions-host/engine/entities.ts';
import { Orchestrations } from '../../../../emulators/functions-host/engine/orchestrations.ts';
import { Store } from '../../../../emulators/functions-host/engine/store.ts';
import { TaskScheduler } from '../../../../emulators/functions-host/engine/task-scheduler.ts';
import type { Invariant } from './invariants.ts';
import { sabotage } from './sabotage.ts';
import { wrap } from './wrap.ts';

/** A bug to plant in the engine, and the invariant that must tell of it, whatever else does. */
export interface Mutant {
  readonly bug: string;
  readonly caughtBy: Invariant;
  /** Plants it, and gives what takes it out again. */
  readonly plant: () => () => void;
}

const rewriting = (from: string, to: string) => () => {
  sabotage.rewrite = (sql) => (sql === from ? to : sql);
  return () => {
    sabotage.rewrite = undefined;
  };
};

/** Every so often. */
function everyNth(n: number): () => boolean {
  let count = 0;
  return () => ++count % n === 0;
}

export const mutants: readonly Mutant[] = [
  {
    bug: 'a result of an activity is changed on its way',
    caughtBy: 'the outcome is that of the program',
    plant: () =>
      wrap(Orchestrations.prototype, 'deliver', (deliver, [id, execution, event]) =>
        deliver(id, execution, event.type === 'activityCompleted' ? { ...event, result: '"another"' } : event),
      ),
  },
  {
    bug: 'a timer is forgotten at a crash',
    caughtBy: 'every instance reaches its end',
    plant: rewriting('SELECT * FROM timers ORDER BY seq', 'SELECT * FROM timers WHERE 0'),
  },
  {
    bug: 'what waited in an inbox is forgotten at a crash',
    caughtBy: 'every instance reaches its end',
    plant: rewriting('SELECT * FROM inbox ORDER BY seq', 'SELECT * FROM inbox WHERE 0'),
  },
  {
    bug: 'an activity stays in its queue when it is done',
    caughtBy: 'no activity with a recorded result runs again',
    plant: rewriting('DELETE FROM activities WHERE seq = ?', 'DELETE FROM activities WHERE seq = ? AND 0'),
  },
  {
    bug: 'an activity starts before the commit',
    caughtBy: 'activities start after the commit',
    plant: () => {
      let isScheduling = false;
      const undo = [
        wrap(TaskScheduler.prototype, 'scheduleActivity', (schedule, args) => {
          isScheduling = true;
          schedule(...args);
          isScheduling = false;
        }),
        wrap(Store.prototype, 'afterCommit', (afterCommit, [callback]) => {
          (isScheduling ? callback : () => undefined)();
          afterCommit(isScheduling ? () => undefined : callback);
        }),
      ];
      return () => {
        for (const restore of undo) {
          restore();
        }
      };
    },
  },
  {
    bug: 'a message to an entity is dropped',
    caughtBy: 'no message is lost or applied twice',
    plant: () => {
      const isDropped = everyNth(5);
      return wrap(Entities.prototype, 'send', (send, [id, message]) => {
        if (message.kind !== 'operation' || message.caller !== null || !isDropped()) {
          send(id, message);
        }
      });
    },
  },
  {
    bug: 'a message to an entity is queued twice',
    caughtBy: 'no message is lost or applied twice',
    plant: () => {
      const isDoubled = everyNth(5);
      return wrap(Entities.prototype, 'send', (send, [id, message]) => {
        send(id, message);
        if (message.kind === 'operation' && message.caller === null && isDoubled()) {
          send(id, message);
        }
      });
    },
  },
  {
    bug: 'an entity takes its messages in another order after a crash',
    caughtBy: 'entities hear in order',
    plant: rewriting('SELECT * FROM entity_queue ORDER BY seq', 'SELECT * FROM entity_queue ORDER BY seq DESC'),
  },
  {
    bug: 'the result of an activity is delivered twice, and nobody notices',
    caughtBy: 'histories are valid',
    plant: () => twice('activityCompleted'),
  },
  {
    bug: 'the end of a child is delivered twice, and nobody notices',
    caughtBy: 'parents hear of children once',
    plant: () => twice('childCompleted'),
  },
  {
    bug: 'the end of a child is not told',
    caughtBy: 'every instance reaches its end',
    plant: () =>
      wrap(Orchestrations.prototype, 'deliver', (deliver, args) => {
        if (args[2].type !== 'childCompleted') {
          deliver(...args);
        }
      }),
  },
  {
    bug: 'timers fire half a second early',
    caughtBy: 'timers never fire early',
    plant: () =>
      wrap(TaskScheduler.prototype, 'addTimer', (addTimer, [instance, id, fireAt]) =>
        addTimer(instance, id, fireAt - 500),
      ),
  },
  {
    bug: 'timers stay when they have fired or are cancelled',
    caughtBy: 'histories are valid',
    plant: rewriting('DELETE FROM timers WHERE seq = ?', 'DELETE FROM timers WHERE seq = ? AND 0'),
  },
  {
    bug: 'a purge forgets the history',
    caughtBy: 'nothing is left behind',
    plant: () =>
      wrap(Store.prototype, 'purge', (_, [instanceIds], store) => {
        for (const id of instanceIds) {
          store.statement('DELETE FROM instances WHERE id = ?').run(id);
        }
      }),
  },
  {
    bug: 'clients are answered before the commit',
    caughtBy: 'what is answered is on disk',
    plant: () => wrap(Store.prototype, 'committed', () => Promise.resolve()),
  },
  {
    bug: 'half a turn is committed',
    caughtBy: 'a turn is on disk whole or not at all',
    plant: () => {
      sabotage.commitsAfter = (sql) => sql.startsWith('INSERT INTO history');
      return () => {
        sabotage.commitsAfter = undefined;
      };
    },
  },
  {
    bug: 'a commit fails',
    caughtBy: 'the engine does not fail',
    plant: rewriting('INSERT INTO timers VALUES (?, ?, ?, ?)', 'INSERT INTO timers VALUES (?, ?, ?, NULL + ?)'),
  },
];

/** Delivers again, as if the task were still open. */
function twice(type: 'activityCompleted' | 'childCompleted'): () => void {
  return wrap(Orchestrations.prototype, 'deliver', (deliver, args, self) => {
    deliver(...args);
    const [id, execution, event] = args;
    if (event.type === type) {
      self.get(id)?.openTasks.add(event.id);
      deliver(id, execution, event);
    }
  });
}
