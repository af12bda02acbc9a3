import { answeredTask } from '../../../../emulators/functions-host/engine/open-tasks.ts';
import { Orchestrations } from '../../../../emulators/functions-host/engine/orchestrations.ts';
import { TimerQueue } from '../../../../emulators/functions-host/engine/timer-queue.ts';
import type { Random } from '../protocol-v3/random.ts';
import type { VirtualTime } from './virtual-time.ts';
import { wrap } from './wrap.ts';

/** Answers to orchestrations that come once more, at once or long after, and timers that are due twice. */
export function duplicateDeliveries(random: Random, time: VirtualTime): () => void {
  const undoAnswers = wrap(Orchestrations.prototype, 'deliver', (deliver, args) => {
    deliver(...args);
    if (answeredTask(args[2]) !== undefined && random(4) === 0) {
      const delayMs = [0, 0, 5, 90_000][random(4)] ?? 0;
      if (delayMs === 0) {
        deliver(...args);
      } else {
        time.after(delayMs, () => deliver(...args));
      }
    }
  });
  const undoTimers = wrap(TimerQueue.prototype, 'add', (add, [timer]) => {
    add(timer);
    if (random(4) === 0) {
      add(timer);
    }
  });
  return () => {
    undoAnswers();
    undoTimers();
  };
}
