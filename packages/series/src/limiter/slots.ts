/** The slots of a budget: each carries one request at a time, and rests after its response. */
export interface Slots {
  /** Requests that are under way. */
  readonly inUse: number;
  /** Slots that may not be used again yet. */
  resting(now: number): number;
  /** The moment from which a slot is free, or `undefined` while all are in use. */
  freeAt(): number | undefined;
  take(): void;
  giveBack(now: number, rest: Rest): void;
}

/** How long a slot rests: not at all, after an answer, or after a silence. */
export type Rest = 'none' | 'answered' | 'silent';

/** A second of the server. */
export const windowMs = 1000;
/** Two clocks never agree to the last fraction of a millisecond. */
export const guardMs = 2;

/** A window from the last moment in which the server can have counted the request. */
export const restMs: Readonly<Record<Rest, number>> = {
  none: 0,
  answered: windowMs + guardMs,
  // It may still be under way, so it gets a second window to arrive in.
  silent: 2 * windowMs + guardMs,
};

/** Makes `count` slots, all free. */
export function createSlots(count: number): Slots {
  let free = count;
  let inUse = 0;
  // Each in order of time by itself, so that no slot ever has to be sorted in.
  const answered = createMoments();
  const silent = createMoments();

  function soonest(): Moments {
    return (answered.first() ?? Infinity) <= (silent.first() ?? Infinity) ? answered : silent;
  }

  return {
    get inUse() {
      return inUse;
    },
    resting(now) {
      for (let next = soonest(); (next.first() ?? Infinity) <= now; next = soonest()) {
        next.shift();
        free += 1;
      }
      return answered.size + silent.size;
    },
    freeAt: () => (free > 0 ? -Infinity : soonest().first()),
    take() {
      if (free > 0) free -= 1;
      else soonest().shift();
      inUse += 1;
    },
    giveBack(now, rest) {
      inUse -= 1;
      if (rest === 'none') free += 1;
      else (rest === 'answered' ? answered : silent).push(now + restMs[rest]);
    },
  };
}

/** Moments in rising order, first in, first out. */
export interface Moments {
  readonly size: number;
  first(): number | undefined;
  push(at: number): void;
  shift(): void;
}

export function createMoments(): Moments {
  let moments: number[] = [];
  let start = 0;
  return {
    get size() {
      return moments.length - start;
    },
    first: () => moments[start],
    push(at) {
      moments.push(at);
    },
    shift() {
      start += 1;
      // Array.shift would move all the others each time.
      if (start * 2 < moments.length) return;
      moments = moments.slice(start);
      start = 0;
    },
  };
}
