import type { RateLimit } from './rate-limit.ts';

export interface BucketOptions {
  readonly requestsPerSecond: number;
  /** How many requests may pass at once after a rest. */
  readonly capacity: number;
}

const perRequest = 1000;

/**
 * Admits `capacity` requests at once, and one more each time that 1 / `requestsPerSecond` has
 * passed. A token bucket that fills and a leaky bucket that drains are this one rule seen from two
 * sides; it is kept as the time at which the bucket would be at rest again (GCRA).
 */
export function createBucket({ requestsPerSecond, capacity }: BucketOptions): RateLimit {
  // Times are multiplied by the rate, so that whole milliseconds stay whole and nothing is rounded.
  let atRest = -Infinity;
  const taken = (now: number) => Math.max(atRest - now * requestsPerSecond, 0);

  return {
    admit(now) {
      const excess = taken(now) - (capacity - 1) * perRequest;
      if (excess > 0) return { admitted: false, retryInMs: excess / requestsPerSecond };
      atRest = Math.max(atRest, now * requestsPerSecond) + perRequest;
      return { admitted: true };
    },
    fill: (now) => Math.min(taken(now) / (capacity * perRequest), 1),
  };
}
