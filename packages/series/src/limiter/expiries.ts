import type { Waiter } from './lanes.ts';

type Expiring = Waiter & { readonly expiresAt: number };

/**
 * The waiters by when they expire, in a heap. Most calls have the same `maxWaitMs`, so the last to come expires last and costs one
 * comparison. Those that left stay in it until they come up or are half of it.
 */
export function createExpiries() {
  let heap: Expiring[] = [];
  let gone = 0;

  function push(entry: Expiring): void {
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || parent.expiresAt <= entry.expiresAt) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  function shift(): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = heap[leftIndex];
      const right = heap[leftIndex + 1];
      if (left === undefined) break;
      const isRight = right !== undefined && right.expiresAt < left.expiresAt;
      const child = isRight ? right : left;
      if (last.expiresAt <= child.expiresAt) break;
      heap[index] = child;
      index = isRight ? leftIndex + 1 : leftIndex;
    }
    heap[index] = last;
  }

  /** The first to expire of those that still wait. */
  function first(): Expiring | undefined {
    for (let entry = heap[0]; entry !== undefined; entry = heap[0]) {
      if (entry.isWaiting) return entry;
      gone -= 1;
      shift();
    }
    return undefined;
  }

  return {
    watch(entry: Waiter) {
      if (entry.expiresAt !== undefined) push(entry as Expiring);
    },
    /** Notes that an entry got its slot or left. */
    forget(entry: Waiter) {
      if (entry.expiresAt === undefined) return;
      gone += 1;
      if (gone * 2 < heap.length) return;
      const left = heap.filter((other) => other.isWaiting);
      heap = [];
      gone = 0;
      for (const other of left) push(other);
    },
    /** When the next one expires. */
    nextAt: () => first()?.expiresAt,
    /** Takes one that has expired. */
    takeDue(now: number): Waiter | undefined {
      const entry = first();
      if (entry === undefined || entry.expiresAt > now) return undefined;
      shift();
      return entry;
    },
  };
}
