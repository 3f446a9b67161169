import type { RoundTrips } from './round-trips.ts';
import type { Rung } from './rung.ts';
import { guardMs, restMs, type Rest } from './slots.ts';

// Timers fire late by some milliseconds; what is lost is made up by sending this much earlier.
const toleranceMs = 10;
// After a stall of the event loop a few sends may leave together. With five, a bucket that leaks
// and holds five overflowed; with four it never did.
const mostCaughtUp = 4;
// Where the spaces are finer than a timer, what falls due between two of its ticks leaves together.
const timerMs = 5;

/** Spreads sends over time, as a rung asks for. */
export interface Pacing {
  /** The earliest moment for the next send, or `undefined` while that depends on an answer. */
  nextAt(rung: Rung): number | undefined;
  /** Notes a send at `now` that could have left at `dueAt`, had the process been awake. */
  sent(now: number, dueAt: number): void;
  /** Notes that a request came to its end. */
  ended(now: number, rest: Rest): void;
}

/** Spaces sends by a fixed interval, however they are asked for. */
export function createPacing(requestsPerSecond: number, trips: RoundTrips): Pacing {
  const intervalMs = 1000 / requestsPerSecond;
  const toleratedMs = Math.min(toleranceMs, intervalMs / 4);
  const caughtUpMs = Math.max((mostCaughtUp - 1) * intervalMs, timerMs);
  // When the next send would leave if all were perfectly even.
  let evenAt = -Infinity;
  let sentAt = -Infinity;
  let underWay = 0;
  // When the server has surely forgotten the last request, if it takes one at a time.
  let forgottenAt = -Infinity;
  return {
    nextAt(rung) {
      switch (rung) {
        case 'burst':
          return -Infinity;
        case 'paced':
          return evenAt - toleratedMs;
        case 'even':
          return sentAt + intervalMs + trips.jitterMs + guardMs;
        case 'one-at-a-time':
          return underWay === 0 ? forgottenAt : undefined;
      }
    },
    sent(now, dueAt) {
      evenAt = Math.max(evenAt, dueAt, now - caughtUpMs) + intervalMs;
      sentAt = now;
      underWay += 1;
    },
    ended(now, rest) {
      underWay -= 1;
      if (rest === 'none') return;
      const emptyMs = rest === 'silent' ? restMs.silent : intervalMs + guardMs;
      forgottenAt = Math.max(forgottenAt, now + emptyMs);
    },
  };
}
