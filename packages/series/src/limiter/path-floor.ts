import type { LeaseAnswer } from './lease.ts';
import { pathMsOf } from './slots.ts';

/** The time by which slots may be free sooner, for the policy `measured`. */
export interface PathFloor {
  readonly ms: number;
  /** Notes what a request says of the path. */
  note(answer: LeaseAnswer, now: number): void;
  /** Forgets what it measured. No slot is free sooner until new requests have measured the path. */
  distrust(): void;
}

// Clients of one key may send to several addresses, and the next request of a slot may go to any: the
// shortest path of the last ten seconds counts.
const rememberedMs = 10_000;

export function createPathFloor(): PathFloor {
  let lowest = 0;
  let lowestAt = -Infinity;
  return {
    get ms() {
      return lowest;
    },
    note(answer, now) {
      const pathMs = pathMsOf(answer);
      if (pathMs === undefined) return;
      if (pathMs > lowest && now - lowestAt <= rememberedMs) return;
      lowest = pathMs;
      lowestAt = now;
    },
    distrust() {
      lowest = 0;
      lowestAt = -Infinity;
    },
  };
}
