import { documentedLimit } from '../limiter/rate-limiter.ts';
import { boundedWaitMs } from '../limiter/retry-after.ts';
import { windowMs } from '../limiter/slots.ts';
import type { Evidence } from './evidence.ts';

const firstBackoffMs = 200;
const longestBackoffMs = 1000;

// Attempts of a read that gets no usable answer. A 429 does not count.
const mostReads = 4;

/** How the calls of a client retry. */
export interface RetryPolicy {
  /** How long to go on while surely nothing was processed. */
  readonly retryForMs: number;
  readonly retryAllowance: RetryAllowance;
  readonly random: () => number;
}

/**
 * Decides after each attempt of one call when to try again, in milliseconds from now. `undefined`
 * where a retry is useless, unsafe or too late.
 */
export function createRetries(
  isRead: boolean,
  { retryForMs, retryAllowance, random }: RetryPolicy,
): (evidence: Evidence, now: number) => number | undefined {
  let attempts = 0;
  let failingSince: number | undefined;
  return (evidence, now) => {
    attempts += 1;
    failingSince ??= now;
    if (!mayRepeat(evidence, isRead)) return undefined;
    // Full jitter: many clients that lost the same server must not come back together.
    const backoffMs = random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** (attempts - 1));
    // A server that is down may say for how long.
    const askedMs = evidence.kind === 'unknown' ? boundedWaitMs(evidence.retryAfterMs ?? 0) : 0;
    // Dates are exact to a second. After that, the one of a slow clock shows that it goes on.
    const nextDateMs = evidence.kind === 'unknown' && evidence.reason === 'cached' ? windowMs : 0;
    const waitMs = Math.max(backoffMs, askedMs, nextDateMs, retryAllowance.waitMs(now));
    const isSpent =
      evidence.kind === 'not-sent'
        ? now + waitMs > failingSince + retryForMs
        : attempts >= mostReads;
    if (isSpent) return undefined;
    retryAllowance.take(now);
    return waitMs;
  };
}

function mayRepeat(evidence: Evidence, isRead: boolean): boolean {
  if (evidence.kind === 'not-sent') {
    return evidence.reason === 'could-not-connect' && evidence.isPermanent !== true;
  }
  return isRead && evidence.kind === 'unknown' && evidence.isPermanent !== true;
}

/** The retries that all calls of a client share. */
export interface RetryAllowance {
  /** Milliseconds until one more retry is allowed. */
  waitMs(now: number): number;
  take(now: number): void;
}

const retriesPerSecond = documentedLimit / 5;
const mostAtOnce = 10;

/**
 * Limits the retries of a client to a fifth of the documented limit: when a server is down, a
 * thousand waiting changes must not all keep trying.
 */
export function createRetryAllowance(): RetryAllowance {
  const intervalMs = 1000 / retriesPerSecond;
  // When the next retry would be due if all were evenly spaced.
  let evenAt = -Infinity;
  const since = (now: number) => Math.max(evenAt, now - mostAtOnce * intervalMs);
  return {
    waitMs: (now) => Math.max(0, since(now) + intervalMs - now),
    take(now) {
      evenAt = since(now) + intervalMs;
    },
  };
}
