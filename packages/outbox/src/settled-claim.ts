import type { Ending } from './delivery.ts';
import type { Claimed, SettledClaim } from './store.ts';

/** How a delivery ended; one that threw may have done so after the request had left. */
export type End =
  | Ending
  | { readonly kind: 'broken'; readonly reason: string; readonly delayMs: number };

const longestBackoffMs = 60_000;
const doubts = { retry: 'none', 'look-again': 'as-before', broken: 'anew' } as const;

/** What is written down of a claim that ended so. */
export function settledClaim(job: Claimed, end: End, maxAttempts: number): SettledClaim {
  const { id, fence, attempt } = job;
  switch (end.kind) {
    case 'done':
      return { id, fence, kind: 'done', reason: end.note, state: end.state, doubt: 'none' };
    case 'dropped':
    case 'dead':
      return { id, fence, ...end, doubt: 'none' };
    case 'unknown':
      return { id, fence, ...end, doubt: 'anew' };
    default: {
      const doubt = doubts[end.kind];
      const { reason, delayMs = backoffMs(attempt) } = end;
      if (attempt < maxAttempts) return { id, fence, kind: 'retry', reason, delayMs, doubt };
      const gaveUp = `${reason} (given up after ${attempt} attempts)`;
      return { id, fence, kind: doubt === 'none' ? 'dead' : 'unknown', reason: gaveUp, doubt };
    }
  }
}

/** Full jitter, so that changes that failed together don't come back together. */
export function backoffMs(attempt: number): number {
  return Math.max(100, Math.random() * Math.min(longestBackoffMs, 1000 * 2 ** (attempt - 1)));
}
