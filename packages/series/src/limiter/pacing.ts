import type { RoundTrips } from './round-trips.ts';
import type { Rung } from './policy.ts';
import { guardMs, restMs, windowMs, type Rest } from './slots.ts';

// Timers fire late by some milliseconds; what is lost is made up by sending this much earlier.
const toleranceMs = 10;
// What may reach the server at once, be it that we were asleep or that the network held it up.
// With five, a bucket that leaks and holds five overflowed; with four it never did.
const mostAtOnce = 4;
// Where the spaces are finer than a timer, what falls due between two of its ticks leaves together.
const timerMs = 5;

/** Spreads sends over time, as a rung asks for. */
export interface Pacing {
  /** The earliest moment for the next send, or `undefined` while that depends on an answer. */
  nextAt(rung: Rung): number | undefined;
  /**
   * Notes a send at `now` that could have left at `dueAt`, had the process been awake; returns
   * its number.
   */
  sent(now: number, dueAt: number): number;
  /** Notes that a request came to its end. */
  ended(number: number, now: number, rest: Rest): void;
}

/** Spaces sends by a fixed interval, however they are asked for. */
export function createPacing(requestsPerSecond: number, trips: RoundTrips): Pacing {
  const intervalMs = 1000 / requestsPerSecond;
  const toleratedMs = Math.min(toleranceMs, intervalMs / 4);
  // When the next send would leave if all were perfectly even.
  let evenAt = -Infinity;
  let sentAt = -Infinity;
  let sent = 0;
  let ended = 0;
  // The latest request, by its number, that had an answer: whatever was sent before it is slow
  // for a reason of its own, whatever was sent after it may be held up together.
  let answered = 0;
  // When the server has surely forgotten the last request, if it takes one at a time.
  let forgottenAt = -Infinity;

  /** Whether more would come together than a bucket holds, should the network be held up. */
  function isHeldUp(): boolean {
    if (sent - answered < mostAtOnce) return false;
    const longMs = Math.min(trips.longestMs, trips.typicalMs + 2 * intervalMs);
    const usual = Math.ceil(Math.max(longMs, timerMs) / intervalMs) + 1;
    return sent - answered >= usual;
  }

  /** What we missed while asleep is made up for, but for what the network may do by itself. */
  function caughtUpMs(): number {
    const atOnce = mostAtOnce - Math.floor(trips.jitterMs / intervalMs);
    return Math.max((Math.max(atOnce, 1) - 1) * intervalMs, timerMs);
  }

  /** How long a bucket that was just filled needs, until the network can't make it overflow. */
  function drainedMs(): number {
    return Math.min(intervalMs + trips.jitterMs, mostAtOnce * intervalMs);
  }

  return {
    nextAt(rung) {
      switch (rung) {
        case 'burst':
          return -Infinity;
        case 'paced':
          // An answer ends the hold. Without any, one request a second finds out.
          return Math.max(evenAt - toleratedMs, isHeldUp() ? sentAt + windowMs : -Infinity);
        case 'even':
          return sentAt + intervalMs + Math.min(trips.jitterMs, 4 * intervalMs) + guardMs;
        case 'one-at-a-time':
          return sent === ended ? forgottenAt : undefined;
      }
    },
    sent(now, dueAt) {
      evenAt = Math.max(evenAt, dueAt, now - caughtUpMs()) + intervalMs;
      sentAt = now;
      sent += 1;
      return sent;
    },
    ended(number, now, rest) {
      ended += 1;
      const wasHeldUp = isHeldUp();
      if (rest !== 'silent') answered = Math.max(answered, number);
      // They came in together, it seems, and filled what there is to fill.
      if (wasHeldUp && !isHeldUp()) evenAt = Math.max(evenAt, now + drainedMs());
      if (rest === 'none') return;
      const emptyMs = rest === 'silent' ? restMs.silent : intervalMs + guardMs;
      forgottenAt = Math.max(forgottenAt, now + emptyMs);
    },
  };
}
