import type { Ending } from '../model/delivery.ts';
import { storable } from '../model/storable.ts';
import type { ClaimEnd, Claimed } from '../model/claim.ts';

/** How a delivery ended; one that threw may have done so after the request had left. */
export type AttemptEnd =
  | Ending
  | {
      readonly kind: 'broken';
      readonly reason: unknown;
      readonly delayMs: number;
      readonly isOutage?: undefined;
      readonly keyFault?: undefined;
    }
  /** Its worker could not show in time that it still held the claim; a request may have left or not. */
  | {
      readonly kind: 'expired';
      readonly mayHaveSent: boolean;
      readonly reason: unknown;
      readonly delayMs: number;
      readonly isOutage: true;
      readonly keyFault?: undefined;
    };

const keyFaultMs = 1000;
const longestBackoffMs = 60_000;
const longestDelayMs = 30 * 24 * 60 * 60 * 1000;
const doubts = {
  retry: 'none',
  'read-again': 'as-before',
  'in-doubt': 'anew',
  broken: 'anew',
} as const;
const doubtOf = (end: Extract<AttemptEnd, { readonly kind: keyof typeof doubts | 'expired' }>) => {
  if (end.kind === 'expired') return end.mayHaveSent ? 'anew' : 'as-before';
  return doubts[end.kind];
};
const kinds: ReadonlySet<unknown> = new Set<Ending['kind']>([
  'done',
  'dropped',
  'dead',
  'unknown',
  'retry',
  'in-doubt',
  'read-again',
]);

/** Checks that a delivery returned an `Ending`: it may come from untyped code. */
export function checkEnding(ending: Ending): Ending {
  if (kinds.has((ending as Partial<Ending> | null | undefined)?.kind)) return ending;
  throw new TypeError('A delivery must return an Ending, such as { kind: "done" }.');
}

/** How the end of a claim is written down. */
export function endClaim(
  life: string,
  claimed: Claimed,
  end: AttemptEnd,
  maxAttempts: number,
): ClaimEnd {
  const { id, fence, attempt, outages } = claimed;
  const name = { life, id, fence };
  switch (end.kind) {
    case 'done': {
      const reason = end.note === undefined ? undefined : storable(end.note);
      const state = end.state === undefined ? undefined : storable(end.state);
      const quietInMs = boundedMs(end.quietInMs);
      return { ...name, kind: 'done', reason, state, doubt: 'none', quietInMs };
    }
    case 'dropped':
      return { ...name, kind: 'dropped', reason: storable(end.reason), doubt: 'none' };
    case 'dead': {
      const codes = codesOf(end.codes);
      return { ...name, kind: 'dead', reason: storable(end.reason), doubt: 'none', codes };
    }
    case 'unknown':
      return {
        ...name,
        kind: 'unknown',
        reason: storable(end.reason),
        doubt: 'anew',
        quietInMs: boundedMs(end.quietInMs),
      };
    default: {
      const doubt = doubtOf(end);
      const reason = storable(end.reason);
      // A key that works for others does not fail by itself: then it is about this change, and says
      // nothing about the key.
      const isOwnFault = end.keyFault !== undefined && claimed.keyWorks === true;
      const keyFault = isOwnFault ? undefined : end.keyFault;
      // The key pauses, which is wait enough: its change is ready when the key is.
      const delayMs = keyFault === 'unusable' ? keyFaultMs : delayOf(end.delayMs, attempt);
      const isOutage = end.isOutage === true || keyFault !== undefined;
      if (isOutage || attempt - outages < maxAttempts) {
        const keyWorks = end.kind === 'read-again' && end.keyWorks === true;
        const key = { keyFault, keyWorks, isOwnFault };
        return { ...name, kind: 'retry', reason, delayMs, doubt, isOutage, ...key };
      }
      const gaveUp = `${reason} (given up after ${attempt - outages} attempts)`;
      const kind = doubt === 'none' ? 'dead' : 'unknown';
      return { ...name, kind, reason: gaveUp, doubt, isOwnFault };
    }
  }
}

/** With a delay that is not a number, the change would use up its attempts at once. */
const delayOf = (delayMs: number | undefined, attempt: number) =>
  boundedMs(delayMs) ?? backoffMs(attempt);

const mostCodes = 10;
const longestCode = 100;

/** A delivery may come from untyped code. */
function codesOf(codes: unknown): readonly string[] | undefined {
  if (!Array.isArray(codes)) return undefined;
  const texts = codes.filter((code): code is string => typeof code === 'string' && code !== '');
  return texts.length === 0
    ? undefined
    : texts.slice(0, mostCodes).map((code) => storable(code, longestCode));
}

/** A time that the store can count with, or none. */
const boundedMs = (ms: number | undefined) =>
  Number.isFinite(ms) ? Math.min(Math.max(0, Number(ms)), longestDelayMs) : undefined;

/** Full jitter, so that changes that failed together don't come back together. */
export function backoffMs(attempt: number): number {
  return Math.max(100, Math.random() * Math.min(longestBackoffMs, 1000 * 2 ** (attempt - 1)));
}
