import type { RateLimit } from './rate-limit.ts';

/** The size of a {@link createSlidingLog | sliding log}. */
export interface SlidingLogOptions {
  /** How many requests may pass within any window. */
  readonly limit: number;
  /** @defaultValue 1000 */
  readonly windowMs?: number;
}

/**
 * Admits a request at time `t` only when fewer than `limit` admitted requests lie in
 * `(t − windowMs, t]`. Rejected requests take no place. This is the strictest reading of
 * "25 requests per second": there is no boundary at which two bursts can meet.
 *
 * Times must not run backwards. Each decision costs the same, however large the limit.
 *
 * @example
 * ```ts
 * import { createSlidingLog } from '@ticket-lifecycle/sandbox';
 *
 * const log = createSlidingLog({ limit: 1 });
 * console.log(log.admit(0)); // { admitted: true }
 * console.log(log.admit(400)); // { admitted: false, retryInMs: 600 }
 * console.log(log.admit(1000)); // { admitted: true }
 * ```
 */
export function createSlidingLog({ limit, windowMs = 1000 }: SlidingLogOptions): RateLimit {
  // A ring of the last `limit` admissions: the slot to be overwritten next holds the oldest,
  // and only the oldest can stand in the way.
  const ring: number[] = [];
  let next = 0;

  return {
    admit(now) {
      const oldest = ring[next];
      if (oldest !== undefined && oldest > now - windowMs) {
        return { admitted: false, retryInMs: oldest + windowMs - now };
      }
      ring[next] = now;
      next = (next + 1) % limit;
      return { admitted: true };
    },
    fill: (now) => ring.filter((at) => at > now - windowMs).length / limit,
  };
}
