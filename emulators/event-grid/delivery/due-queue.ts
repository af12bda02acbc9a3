interface Entry<T> {
  readonly at: number;
  readonly item: T;
}

/** Items that each become due at a time of their own. */
export interface DueQueue<T> {
  add(at: number, item: T): void;
  close(): void;
}

// setTimeout holds no more than 2^31-1 ms; a shorter nap costs nothing.
const MAX_NAP_MS = 60_000;

/** Calls `onDue` with each item at its time, in order; one timer however many wait (a binary heap). */
export function createDueQueue<T>(onDue: (item: T) => void): DueQueue<T> {
  const heap: Entry<T>[] = [];
  let timer: NodeJS.Timeout | undefined;

  const atOf = (index: number): number => heap[index]?.at ?? Number.POSITIVE_INFINITY;
  const swap = (a: number, b: number): void => {
    const [left, right] = [heap[a], heap[b]];
    if (left === undefined || right === undefined) return;
    heap[a] = right;
    heap[b] = left;
  };
  const pop = (): Entry<T> | undefined => {
    swap(0, heap.length - 1);
    const entry = heap.pop();
    for (let parent = 0; ; ) {
      const left = parent * 2 + 1;
      const child = atOf(left + 1) < atOf(left) ? left + 1 : left;
      if (atOf(child) >= atOf(parent)) return entry;
      swap(parent, child);
      parent = child;
    }
  };
  const arm = (): void => {
    clearTimeout(timer);
    if (heap.length === 0) return;
    timer = setTimeout(run, Math.min(Math.max(atOf(0) - Date.now(), 0), MAX_NAP_MS));
  };
  const run = (): void => {
    while (atOf(0) <= Date.now()) {
      const entry = pop();
      if (entry !== undefined) onDue(entry.item);
    }
    arm();
  };

  return {
    add: (at, item) => {
      heap.push({ at, item });
      for (let child = heap.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1;
        if (atOf(parent) <= atOf(child)) break;
        swap(parent, child);
        child = parent;
      }
      if (heap[0]?.item === item) arm();
    },
    close: () => clearTimeout(timer),
  };
}
