import type { BudgetState } from './budget-state.ts';
import { createBudgets } from './budgets-by-key.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { AcquireOptions, Lease } from './lease.ts';
import { createListeners } from '../listeners.ts';
import type { LimiterEvent, LimiterListener } from './limiter-event.ts';
import { checkOptions, hasMethod, oneOf, wholeNumber } from '../options.ts';
import { rungs, type Rung } from './policy.ts';

/**
 * Hands out the slots of a request budget. In one process use {@link createRateLimiter}; a fleet
 * can implement the same interface on a shared store.
 */
export interface RateLimiter {
  /**
   * Waits for a slot.
   *
   * @param key - names the budget: one for each API key, never the key itself
   * @param lane - requests of one lane, such as a ticket, are sent in order and one at a time
   * @throws QueueFullError when too many are waiting already
   * @throws WaitExpiredError when `maxWaitMs` have passed
   * @throws LimiterClosedError when the limiter is closed
   */
  acquire(key: string, lane: string, options?: AcquireOptions): Promise<Lease>;
  /** The state of a key's budget as data, for a dashboard. */
  describe(key: string): BudgetState;
  /**
   * Tells a listener of each 429 and of each step down, as it happens; returns what ends that.
   * A limiter that has nothing to tell may leave it out.
   */
  on?(listener: LimiterListener): () => void;
}

/** A limiter of one process. */
export interface LocalRateLimiter extends RateLimiter {
  on(listener: LimiterListener): () => void;
  /**
   * Sends away all who wait and takes in nobody any more; no timer is left. Slots that were handed
   * out may still be released.
   */
  close(): void;
}

/** Settings of a limiter. */
export interface RateLimiterOptions {
  /**
   * Requests per second and key.
   *
   * @defaultValue 25, the documented limit
   */
  readonly requestsPerSecond?: number | undefined;
  /**
   * The rung to begin on. A 429 in spite of it makes the key step down, and a limiter never steps
   * up by itself.
   *
   * @defaultValue 'paced'
   */
  readonly policy?: Rung | undefined;
  /**
   * Requests that may wait per key.
   *
   * @defaultValue 10_000
   */
  readonly maxQueue?: number | undefined;
  /** @defaultValue the process's own clock */
  readonly clock?: Clock | undefined;
}

/**
 * Makes a limiter for one process that never sends more than the limit allows, whichever way the
 * server counts, and uses the rest of the budget.
 *
 * A slot is free again one second after its *response*, not after its request: between the two the
 * server counted it, and nobody here knows when. Sends are spread evenly, unless the policy is
 * `burst`, so that a server which drains a bucket is content as well. A 429 pauses the whole key; if
 * it came although all this was kept, the server is stricter than that, and the key goes on more
 * cautiously: see {@link Rung}.
 *
 * @throws TypeError for options that make no sense
 *
 * @example
 * ```ts
 * import { createRateLimiter, createSeriesClient } from '@ticket-lifecycle/series';
 *
 * // Two clients of one API key share its budget by sharing the limiter.
 * const rateLimiter = createRateLimiter({ requestsPerSecond: 25 });
 * rateLimiter.on((event) => {
 *   if (event.type === 'stepped-down') console.warn(`${event.key}: ${event.from} → ${event.to}`);
 * });
 * const first = createSeriesClient({ apiKey: 'example-key', rateLimiter });
 * const second = createSeriesClient({ apiKey: 'example-key', rateLimiter });
 * console.log(first.keyId === second.keyId); // true
 * ```
 */
export function createRateLimiter(options: RateLimiterOptions = {}): LocalRateLimiter {
  checkOptions('createRateLimiter', options, {
    requestsPerSecond: wholeNumber,
    policy: oneOf(...rungs),
    maxQueue: wholeNumber,
    clock: hasMethod('now', 'a Clock'),
  });
  const { requestsPerSecond = 25, maxQueue = 10_000, policy = 'paced' } = options;
  const { clock = systemClock } = options;
  const listeners = createListeners<LimiterEvent>();
  const { tell } = listeners;
  const budgets = createBudgets({ requestsPerSecond, maxQueue, policy, clock, tell });
  return {
    acquire: (key, lane, acquireOptions) => budgets.of(key).acquire(lane, acquireOptions),
    describe: (key) => budgets.look(key).describe(),
    on: listeners.add,
    close: () => budgets.close(),
  };
}
