import { createBucket } from './bucket.ts';
import type { RateLimit } from './rate-limit.ts';

/**
 * Admits no request while another is in work, nor sooner than 1 / `requestsPerSecond` after the
 * last one: the strictest server that one can be.
 */
export function createOneAtATime(requestsPerSecond: number): RateLimit {
  const bucket = createBucket({ requestsPerSecond, capacity: 1 });
  let inWork = false;

  return {
    admit(now) {
      // Nobody knows when the other will be done.
      if (inWork) return { admitted: false, retryInMs: 1000 / requestsPerSecond };
      const admission = bucket.admit(now);
      inWork = admission.admitted;
      return admission;
    },
    release() {
      inWork = false;
    },
    fill: (now) => (inWork ? 1 : bucket.fill(now)),
  };
}
