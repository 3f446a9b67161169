import type { PacingPolicy } from './policy.ts';
import type { RoundTrips } from './round-trips.ts';
import { guardMs, cooldowns, windowMs, type Cooldown } from './slots.ts';

// Timers fire some milliseconds late. Sending this much earlier makes up for it.
const toleranceMs = 10;
// What may reach the server at once, after a stall of this process or of the network. In the
// benchmarks a leaky bucket that holds five overflowed with five here, and never with four.
const mostAtOnce = 4;
// Where the spaces are finer than a timer, requests due between two of its ticks leave together.
const timerMs = 5;

/** Spreads sends over time, as the policy asks for. `rate-limiter.ts` explains why. */
export interface Pacing {
  /** The earliest moment for the next send. */
  nextAt(policy: PacingPolicy): number;
  /**
   * Notes a send at `now` that could have left at `dueAt` without a stall. Returns its number.
   */
  sent(now: number, dueAt: number): number;
  /** Notes that a request is about to leave, be it late, and returns when it may. */
  leaves(now: number, policy: PacingPolicy): number;
  /** Notes that a request came to its end. */
  ended(number: number, now: number, cooldown: Cooldown): void;
  /** Sends so many in a second from now on. */
  setRate(requestsPerSecond: number): void;
}

/** Spaces sends by a fixed interval, however they are asked for. */
export function createPacing(requestsPerSecond: number, trips: RoundTrips): Pacing {
  let intervalMs = 1000 / requestsPerSecond;
  // When the next send would leave if all were perfectly even.
  let evenAt = -Infinity;
  let sentAt = -Infinity;
  // The same for those that leave: a slow key or guard may hold up some after their slots came.
  let leavesEvenAt = -Infinity;
  let leftAt = -Infinity;
  let sent = 0;
  // The highest number that was answered. Requests before it are slow for reasons of their own;
  // those after it may be held up together.
  let answered = 0;
  // When the server has surely forgotten the last request, if it takes one at a time.
  let forgottenAt = -Infinity;

  /** Whether so many answers are missing that the network may be holding requests back. */
  function isHeldUp(): boolean {
    if (sent - answered < mostAtOnce) return false;
    const longMs = Math.min(trips.longestMs, trips.typicalMs + 2 * intervalMs);
    const usual = Math.ceil(Math.max(longMs, timerMs) / intervalMs) + 1;
    return sent - answered >= usual;
  }

  /** How far sends may lag behind and still be made up for; less where the network varies. */
  function caughtUpMs(): number {
    const atOnce = mostAtOnce - Math.floor(trips.jitterMs / intervalMs);
    return Math.max((Math.max(atOnce, 1) - 1) * intervalMs, timerMs);
  }

  /** How long a bucket that was just filled drains until jitter can't make it overflow. */
  function drainedMs(): number {
    return Math.min(intervalMs + trips.jitterMs, mostAtOnce * intervalMs);
  }

  const toleratedMs = () => Math.min(toleranceMs, intervalMs / 4);

  function apartMs(): number {
    return intervalMs + Math.min(trips.jitterMs, 4 * intervalMs) + guardMs;
  }

  return {
    nextAt(policy) {
      switch (policy) {
        case 'burst':
          return -Infinity;
        case 'measured':
        case 'paced':
          // An answer ends this wait. Without any, one request per second keeps trying.
          return Math.max(evenAt - toleratedMs(), isHeldUp() ? sentAt + windowMs : -Infinity);
        case 'even':
          return sentAt + apartMs();
        case 'one-at-a-time':
          return forgottenAt;
      }
    },
    sent(now, dueAt) {
      evenAt = Math.max(evenAt, dueAt, now - caughtUpMs()) + intervalMs;
      sentAt = now;
      sent += 1;
      return sent;
    },
    leaves(now, policy) {
      const mayLeaveAt = {
        burst: now,
        measured: leavesEvenAt - toleratedMs(),
        paced: leavesEvenAt - toleratedMs(),
        even: leftAt + apartMs(),
        'one-at-a-time': now,
      }[policy];
      leftAt = Math.max(now, mayLeaveAt);
      leavesEvenAt = Math.max(leavesEvenAt, leftAt - caughtUpMs()) + intervalMs;
      return leftAt;
    },
    ended(number, now, cooldown) {
      const wasHeldUp = isHeldUp();
      if (cooldown !== 'silent') answered = Math.max(answered, number);
      // The delayed requests probably arrived together and filled the server's bucket.
      if (wasHeldUp && !isHeldUp()) evenAt = Math.max(evenAt, now + drainedMs());
      if (cooldown === 'none') return;
      const emptyMs = cooldown === 'silent' ? cooldowns.silent : intervalMs + guardMs;
      forgottenAt = Math.max(forgottenAt, now + emptyMs);
    },
    setRate(perSecond) {
      intervalMs = 1000 / perSecond;
    },
  };
}
