// How a key finds its way up again
//
// A value that was lowered after a 429 is raised again by trials. A trial that lasts without a 429
// has proven itself, and the next goes twice as far, so what a neighbour took is back soon after the
// neighbour has gone. One that fails takes itself back, and the next waits twice as long, so a server
// that really is stricter sees fewer and fewer of them. No wait is longer than ten minutes: nothing
// is for good.
//
// A bucket may take some seconds to overflow. So a trial close to a value that failed lasts longer, and
// a 429 soon after a trial takes it back though it had proven itself.

/** A value between 1 and its top that is lowered at once, and raised step by step. */
export interface Climb {
  readonly value: number;
  readonly isAtTop: boolean;
  /** When the next trial may begin; `Infinity` at the top. */
  readonly nextAt: number;
  /** Trials in a row that failed. */
  readonly fails: number;
  /** How long the trial has to last to prove itself. */
  readonly trialMs: number;
  lower(to: number, at: number): void;
  /** Begins a trial of a higher value. */
  raise(): void;
  /** Ends the trial. */
  fail(at: number): void;
  succeed(at: number): void;
  /** When it was raised, if that was so lately that a 429 may still be due to it. */
  unsettledSince(at: number): number | undefined;
  /** Takes back the last trial, though it had proven itself. */
  fallBack(at: number): void;
}

/** The longest wait between two trials. */
export const longestTrialWaitMs = 600_000;

const trialMs = 2500;
// Close to a value that failed, a trial lasts longer.
const near = 0.75;
const carefulTrialMs = 8000;
// A bucket that holds a second's worth and gets a little too much overflows after a minute or two.
const settledAfterMs = 120_000;

export function createClimb(top: number, firstWaitMs: number): Climb {
  let value = top;
  let proven = top;
  // The value that was proven before it.
  let before = top;
  // The lowest that has failed in a trial, until it is proven after all.
  let failed = Infinity;
  // When the proven value was reached.
  let provenAt = -Infinity;
  let step = 1;
  let waitMs = firstWaitMs;
  let nextAt = Infinity;
  let fails = 0;

  function wait(at: number): void {
    fails += 1;
    waitMs = Math.min(2 * waitMs, longestTrialWaitMs);
    step = 1;
    nextAt = at + waitMs;
  }

  return {
    get value() {
      return value;
    },
    get isAtTop() {
      return value === top;
    },
    get nextAt() {
      return nextAt;
    },
    get fails() {
      return fails;
    },
    lower(to, at) {
      // Whatever made it fail before has been quiet for long.
      if (value === top && at - provenAt > 2 * waitMs) waitMs = firstWaitMs;
      value = Math.max(1, Math.min(to, value));
      proven = value;
      before = value;
      failed = Infinity;
      step = 1;
      fails = 0;
      nextAt = value === top ? Infinity : at + waitMs;
    },
    raise() {
      value = Math.min(top, value + step);
      if (proven < failed - 1) value = Math.min(value, failed - 1);
    },
    get trialMs() {
      return value >= failed * near ? carefulTrialMs : trialMs;
    },
    fail(at) {
      failed = value;
      value = proven;
      wait(at);
    },
    succeed(at) {
      before = proven;
      proven = value;
      if (value >= failed) failed = Infinity;
      provenAt = at;
      step *= 2;
      fails = 0;
      nextAt = value === top ? Infinity : at;
    },
    unsettledSince: (at) =>
      before < proven && at - provenAt <= settledAfterMs ? provenAt : undefined,
    fallBack(at) {
      failed = proven;
      value = before;
      proven = before;
      wait(at);
    },
  };
}
