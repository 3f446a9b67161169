/**
 * Says whether a request may pass and, if not, how long until one may.
 *
 * @example
 * ```ts
 * import { type Admission, createSlidingLog } from '@ticket-lifecycle/sandbox';
 *
 * const admission: Admission = createSlidingLog({ limit: 25 }).admit(0);
 * console.log(admission.admitted ? 0 : admission.retryInMs); // 0
 * ```
 */
export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly retryInMs: number };

/**
 * Decides over the requests of one API key, in the order in which they are counted.
 *
 * @example
 * ```ts
 * import { createRateLimit, type RateLimit } from '@ticket-lifecycle/sandbox';
 *
 * const limit: RateLimit = createRateLimit({ algorithm: 'leaky-bucket', requestsPerSecond: 25 });
 * console.log(limit.admit(0).admitted, limit.fill(0)); // true 0.2
 * ```
 */
export interface RateLimit {
  /** Times must not run backwards. A refused request takes no place. */
  admit(now: number): Admission;
  /** Says that an admitted request has been answered, for the algorithms that want to know. */
  release?(): void;
  /** How much of it is taken, from 0 (all is free) to 1 (the next request is refused). */
  fill(now: number): number;
}
