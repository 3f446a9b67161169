import { createBucket } from './bucket.ts';
import { createFixedWindow } from './fixed-window.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import type { RateLimit } from './rate-limit.ts';
import { createSlidingLog } from './sliding-log.ts';

/**
 * The algorithms by which a server may keep "25 requests per second". Which one the vendor uses is
 * not documented.
 *
 * - `sliding-log`: no window of one second, wherever it starts, holds more
 * - `fixed-window`: no second of the wall clock holds more
 * - `token-bucket`: a second's worth at once, then one each 1 / `requestsPerSecond`
 * - `leaky-bucket`: `burst` at once, then one each 1 / `requestsPerSecond`
 * - `one-at-a-time`: one each 1 / `requestsPerSecond`, and none while another is in work
 *
 * @example
 * ```ts
 * import { createSandbox, limitAlgorithms } from '@ticket-lifecycle/sandbox';
 *
 * const servers = limitAlgorithms.map((limit) => createSandbox({ limit }));
 * console.log(servers.length); // 5
 * ```
 */
export const limitAlgorithms = [
  'sliding-log',
  'fixed-window',
  'token-bucket',
  'leaky-bucket',
  'one-at-a-time',
] as const;

/** One of {@link limitAlgorithms}. */
export type LimitAlgorithm = (typeof limitAlgorithms)[number];

/** Options of {@link createRateLimit}. */
export interface RateLimitOptions {
  readonly algorithm: LimitAlgorithm;
  readonly requestsPerSecond: number;
  /** How many requests a leaky bucket takes at once. @defaultValue 5 */
  readonly burst?: number;
  /** Where a moment lies on the wall clock, in milliseconds. @defaultValue the moment itself */
  readonly wallTimeOf?: (at: number) => number;
}

/**
 * Makes the limit of one API key, by one of the {@link limitAlgorithms}. It reads no clock: the
 * caller says when.
 *
 * @example
 * ```ts
 * import { createRateLimit } from '@ticket-lifecycle/sandbox';
 *
 * const limit = createRateLimit({ algorithm: 'token-bucket', requestsPerSecond: 2 });
 * limit.admit(0);
 * limit.admit(0);
 * console.log(limit.admit(100)); // { admitted: false, retryInMs: 400 }
 * ```
 */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { algorithm, requestsPerSecond, burst = 5, wallTimeOf = (at) => at } = options;
  switch (algorithm) {
    case 'sliding-log':
      return createSlidingLog({ limit: requestsPerSecond });
    case 'fixed-window':
      return createFixedWindow({ limit: requestsPerSecond, wallTimeOf });
    case 'token-bucket':
      return createBucket({ requestsPerSecond, capacity: requestsPerSecond });
    case 'leaky-bucket':
      return createBucket({ requestsPerSecond, capacity: burst });
    case 'one-at-a-time':
      return createOneAtATime(requestsPerSecond);
  }
}
