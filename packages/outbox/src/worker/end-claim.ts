import type { Ending } from '../model/delivery.ts';
import { storable } from '../model/storable.ts';
import type { Claimed, SettledClaim } from '../model/store.ts';

/** How a delivery ended; one that threw may have done so after the request had left. */
export type End =
  | Ending
  | {
      readonly kind: 'broken';
      readonly reason: unknown;
      readonly delayMs: number;
      readonly isOutage?: undefined;
    };

const longestBackoffMs = 60_000;
const longestDelayMs = 30 * 24 * 60 * 60 * 1000;
const doubts = { retry: 'none', 'look-again': 'as-before', broken: 'anew' } as const;
const kinds: ReadonlySet<unknown> = new Set<Ending['kind']>([
  'done',
  'dropped',
  'dead',
  'unknown',
  'retry',
  'look-again',
]);

/** Takes what a delivery answered for an end, if it is one: it may come from untyped code. */
export function checkEnding(ending: Ending): Ending {
  if (kinds.has((ending as Partial<Ending> | null | undefined)?.kind)) return ending;
  throw new TypeError('The delivery ended with something that is no Ending.');
}

/** What is written down of a claim that ended so. */
export function settledClaim(job: Claimed, end: End, maxAttempts: number): SettledClaim {
  const { id, fence, attempt, outages } = job;
  switch (end.kind) {
    case 'done': {
      const reason = end.note === undefined ? undefined : storable(end.note);
      const state = end.state === undefined ? undefined : storable(end.state);
      return { id, fence, kind: 'done', reason, state, doubt: 'none' };
    }
    case 'dropped':
    case 'dead':
      return { id, fence, kind: end.kind, reason: storable(end.reason), doubt: 'none' };
    case 'unknown':
      return { id, fence, kind: 'unknown', reason: storable(end.reason), doubt: 'anew' };
    default: {
      const doubt = doubts[end.kind];
      const reason = storable(end.reason);
      const delayMs = delayOf(end.delayMs, attempt);
      const isOutage = end.isOutage === true;
      if (isOutage || attempt - outages < maxAttempts) {
        return { id, fence, kind: 'retry', reason, delayMs, doubt, isOutage };
      }
      const gaveUp = `${reason} (given up after ${attempt - outages} attempts)`;
      return { id, fence, kind: doubt === 'none' ? 'dead' : 'unknown', reason: gaveUp, doubt };
    }
  }
}

/** A delay that is no number would be none: the change would use up its attempts at once. */
function delayOf(delayMs: number | undefined, attempt: number): number {
  return Number.isFinite(delayMs) ? Math.min(Number(delayMs), longestDelayMs) : backoffMs(attempt);
}

/** Full jitter, so that changes that failed together don't come back together. */
export function backoffMs(attempt: number): number {
  return Math.max(100, Math.random() * Math.min(longestBackoffMs, 1000 * 2 ** (attempt - 1)));
}
