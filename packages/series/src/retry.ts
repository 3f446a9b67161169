const firstBackoffMs = 200;
const longestBackoffMs = 1000;

/**
 * How long to wait before the next attempt. Full jitter: many clients that lost the same server
 * must not come back as one.
 */
export function backoffMs(attempts: number, random: () => number): number {
  return random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** (attempts - 1));
}

/** What all the calls of a client may spend on trying again. */
export interface RetryBudget {
  /** Milliseconds until one more attempt is within the budget. */
  waitMs(now: number): number;
  take(now: number): void;
}

const retriesPerSecond = 5;
const mostAtOnce = 10;

/**
 * Keeps the retries of a client to a fifth of the documented limit: when a server is down, a
 * thousand waiting changes must not knock a thousand times.
 */
export function createRetryBudget(): RetryBudget {
  const intervalMs = 1000 / retriesPerSecond;
  // When the next retry would be due if all were perfectly even.
  let evenAt = -Infinity;
  const since = (now: number) => Math.max(evenAt, now - mostAtOnce * intervalMs);
  return {
    waitMs: (now) => Math.max(0, since(now) + intervalMs - now),
    take(now) {
      evenAt = since(now) + intervalMs;
    },
  };
}
