// Timers fire late by some milliseconds; what is lost is made up by sending this much earlier.
const toleranceMs = 10;
// After a stall of the event loop a few sends may leave together. With five, a bucket that leaks
// and holds five overflowed; with four it never did.
const mostCaughtUp = 4;

/** Spreads sends evenly. */
export interface Pacing {
  /** The earliest moment for the next send. */
  nextAt(): number;
  /** Notes a send at `now` that could have left at `dueAt`, had the process been awake. */
  sent(now: number, dueAt: number): void;
}

/** Spaces sends by a fixed interval, however they are asked for. */
export function createPacing(requestsPerSecond: number): Pacing {
  const intervalMs = 1000 / requestsPerSecond;
  const toleratedMs = Math.min(toleranceMs, intervalMs / 4);
  const caughtUpMs = (mostCaughtUp - 1) * intervalMs;
  // When the next send would leave if all were perfectly even.
  let evenAt = -Infinity;
  return {
    nextAt: () => evenAt - toleratedMs,
    sent(now, dueAt) {
      evenAt = Math.max(evenAt, dueAt, now - caughtUpMs) + intervalMs;
    },
  };
}
