import type { PacingPolicy } from './policy.ts';
import { createRoundTrips, type RoundTrips } from './round-trips.ts';
import { guardMs, cooldowns, windowMs, type Cooldown } from './slots.ts';
import type { UnderWay } from './under-way.ts';

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
  nextAt(policy: PacingPolicy, now: number): number;
  /**
   * Notes a send at `now` that could have left at `dueAt` without a stall. Returns its number.
   */
  sent(now: number, dueAt: number): number;
  /** Whether a request may leave that was held up after its slot came. */
  mayLeave(number: number, now: number, policy: PacingPolicy): boolean;
  /** Notes that a request is about to leave, be it late, and returns when it may. */
  leaves(number: number, now: number, policy: PacingPolicy): number;
  /** Notes that a request came to its end. */
  ended(number: number, now: number, cooldown: Cooldown): void;
  /** Sends so many in a second from now on. */
  setRate(requestsPerSecond: number): void;
}

/** How far apart requests leave. */
export interface Spacing {
  readonly intervalMs: number;
  /** How much sooner than even a send may be. */
  readonly toleratedMs: number;
  /** How far sends may lag behind and still be made up for; less where the network varies. */
  readonly caughtUpMs: number;
  /** How far apart they are where nothing is made up for. */
  readonly apartMs: number;
  /** Notes that a request is about to leave, be it late, and returns when it may. */
  leaves(now: number, policy: PacingPolicy): number;
  /** None leaves before that moment. */
  waitUntil(at: number): void;
  setRate(requestsPerSecond: number): void;
}

/** Spaces requests as they leave: a slow key or guard may hold up some after their slots came. */
export function createSpacing(requestsPerSecond: number, trips: RoundTrips): Spacing {
  let intervalMs = 1000 / requestsPerSecond;
  // When the next one would leave if all were perfectly even.
  let evenAt = -Infinity;
  let leftAt = -Infinity;
  return {
    get intervalMs() {
      return intervalMs;
    },
    get toleratedMs() {
      return Math.min(toleranceMs, intervalMs / 4);
    },
    get caughtUpMs() {
      // A send may also be early by what is tolerated, and closer to the one before by the jitter.
      const leftMs = mostAtOnce * intervalMs - this.toleratedMs - trips.jitterMs;
      return Math.max(Math.min(leftMs, (mostAtOnce - 1) * intervalMs), timerMs);
    },
    get apartMs() {
      return intervalMs + Math.min(trips.jitterMs, 4 * intervalMs) + guardMs;
    },
    leaves(now, policy) {
      const mayLeaveAt = {
        burst: now,
        measured: evenAt - this.toleratedMs,
        paced: evenAt - this.toleratedMs,
        even: leftAt + this.apartMs,
        'one-at-a-time': now,
      }[policy];
      leftAt = Math.max(now, mayLeaveAt);
      evenAt = Math.max(evenAt, leftAt - this.caughtUpMs) + intervalMs;
      return leftAt;
    },
    waitUntil(at) {
      evenAt = Math.max(evenAt, at);
    },
    setRate(perSecond) {
      intervalMs = 1000 / perSecond;
    },
  };
}

/** Spaces sends by a fixed interval, however they are asked for. */
export function createPacing(
  requestsPerSecond: number,
  trips: RoundTrips,
  underWay: UnderWay,
): Pacing {
  const spacing = createSpacing(requestsPerSecond, trips);
  // How long requests are held up after their slots came.
  const holdUps = createRoundTrips();
  // When the next send would leave if all were perfectly even.
  let evenAt = -Infinity;
  let sentAt = -Infinity;
  let leftAt = -Infinity;
  // When the last one that left had got its slot.
  let leftSlotAt = -Infinity;
  let sent = 0;
  // When the server has surely forgotten the last request, if it takes one at a time.
  let forgottenAt = -Infinity;

  /** Whether so many answers are missing that the network may be holding requests back. */
  function isHeldUp(missing: () => number): boolean {
    const { intervalMs } = spacing;
    const longMs = Math.min(trips.longestMs, trips.typicalMs + 2 * intervalMs);
    const usual = Math.ceil(Math.max(longMs, timerMs) / intervalMs) + 1;
    const fewest = Math.max(usual, mostAtOnce);
    return underWay.unanswered >= fewest && missing() >= fewest;
  }

  // One that has had its slot for no longer than others were held up may not have left yet.
  const isHeldUpAt = (now: number) => isHeldUp(() => underWay.missing(now - holdUps.longestMs));

  /** How long a bucket that was just filled drains until jitter can't make it overflow. */
  function drainedMs(): number {
    return Math.min(spacing.intervalMs + trips.jitterMs, mostAtOnce * spacing.intervalMs);
  }

  return {
    nextAt(policy, now) {
      switch (policy) {
        case 'burst':
          return -Infinity;
        case 'measured':
        case 'paced':
          // An answer ends this wait. Without any, one request per second keeps trying.
          return Math.max(
            evenAt - spacing.toleratedMs,
            isHeldUpAt(now) ? sentAt + windowMs : -Infinity,
          );
        case 'even':
          return sentAt + spacing.apartMs;
        case 'one-at-a-time':
          return forgottenAt;
      }
    },
    sent(now, dueAt) {
      evenAt = Math.max(evenAt, dueAt, now - spacing.caughtUpMs) + spacing.intervalMs;
      sentAt = now;
      sent += 1;
      underWay.sent(sent, now);
      return sent;
    },
    mayLeave(number, now, policy) {
      if (policy === 'one-at-a-time') return now >= forgottenAt;
      if (policy === 'burst' || policy === 'even') return true;
      // One probe a second, by when their slots came: what holds them up is not the same for all.
      const isProbe =
        now >= leftAt + windowMs || (underWay.sentAt(number) ?? now) >= leftSlotAt + windowMs;
      return isProbe || !isHeldUp(() => underWay.missingBefore(number));
    },
    leaves(number, now, policy) {
      const handedOutAt = underWay.sentAt(number) ?? now;
      leftAt = spacing.leaves(now, policy);
      leftSlotAt = handedOutAt;
      holdUps.add(now - handedOutAt);
      underWay.left(number, leftAt);
      return leftAt;
    },
    ended(number, now, cooldown) {
      const wasHeldUp = isHeldUpAt(now);
      underWay.ended(number, cooldown);
      // The delayed requests probably arrived together and filled the server's bucket.
      if (wasHeldUp && !isHeldUpAt(now)) {
        evenAt = Math.max(evenAt, now + drainedMs());
        spacing.waitUntil(evenAt);
      }
      if (cooldown === 'none') return;
      const emptyMs = cooldown === 'silent' ? cooldowns.silent : spacing.intervalMs + guardMs;
      forgottenAt = Math.max(forgottenAt, now + emptyMs);
    },
    setRate: (perSecond) => spacing.setRate(perSecond),
  };
}
