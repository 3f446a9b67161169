import type { LeaseAnswer } from '@ticket-lifecycle/series';

const windowMs = 1000;
// Clocks never agree to the last fraction of a millisecond.
const guardMs = 2;
// Nobody waits longer than this for a server that asks for it.
const longestPauseMs = 60_000;

/** How long a slot cools down: a window from the last moment at which its request can be counted. */
export function cooldownMs({ kind }: LeaseAnswer): number {
  if (kind === 'not-sent') return 0;
  // One without an answer may still be under way, so it gets a second window to arrive in.
  return kind === 'silent' ? 2 * windowMs + guardMs : windowMs + guardMs;
}

/** How long the key pauses: requests that are waiting would be refused as well. */
export function pauseMs(answer: LeaseAnswer): number {
  if (answer.kind !== 'limited') return 0;
  const { retryAfterMs = 0 } = answer;
  if (Number.isNaN(retryAfterMs)) return windowMs;
  return Math.min(Math.max(retryAfterMs, windowMs), longestPauseMs);
}

/**
 * How long a slot is kept for a waiting request: longer than it sleeps between two calls. A change
 * under way goes before one that has not begun, or a backlog would never let it through.
 */
export const keptMs = 1200;

// A slot is handed out this long before its time, so that it is used in time.
const horizonMs = 60;

/** Milliseconds from one send to the next, and how far ahead slots are handed out. */
export function paceOf(requestsPerSecond: number, pace: 'even' | 'burst') {
  return { gapMs: pace === 'even' ? windowMs / requestsPerSecond : 0, horizonMs };
}
