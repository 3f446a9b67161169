/** The slots of a budget: each carries one request at a time, and rests after its response. */
export interface Slots {
  /** The moment from which a slot is free, or `undefined` while all are in use. */
  freeAt(): number | undefined;
  /** Takes the slot that has been free the longest. */
  take(): void;
  /** Gives a slot back that may be used again from a moment on. */
  giveBack(at: number): void;
  readonly inUse: number;
}

/** Makes `count` slots, all free. */
export function createSlots(count: number): Slots {
  // In order of time. With some 25 entries, moving them is cheaper than any cleverer structure.
  const free = Array.from({ length: count }, () => -Infinity);
  return {
    freeAt: () => free[0],
    take() {
      free.shift();
    },
    giveBack(at) {
      let index = free.length;
      while (index > 0 && (free[index - 1] ?? at) > at) index -= 1;
      free.splice(index, 0, at);
    },
    get inUse() {
      return count - free.length;
    },
  };
}
