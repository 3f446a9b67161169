import { createBudget, type Budget, type BudgetState } from './budget.ts';
import { systemClock, type Clock } from './clock.ts';
import type { AcquireOptions, Lease } from './lease.ts';
import { checkOptions, hasMethod, wholeNumber } from './options.ts';

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
   */
  acquire(key: string, lane: string, options?: AcquireOptions): Promise<Lease>;
  /** The state of a key's budget as data, for a dashboard. */
  describe(key: string): BudgetState;
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
 * server counted it, and nobody here knows when. Sends are spread evenly, so that a server which
 * drains a bucket is content as well. A 429 pauses the whole key.
 *
 * @throws TypeError for options that make no sense
 *
 * @example
 * ```ts
 * import { createRateLimiter, createSeriesClient } from '@ticket-lifecycle/series';
 *
 * // Two clients of one API key share its budget by sharing the limiter.
 * const rateLimiter = createRateLimiter({ requestsPerSecond: 25 });
 * const first = createSeriesClient({ apiKey: 'example-key', rateLimiter });
 * const second = createSeriesClient({ apiKey: 'example-key', rateLimiter });
 * console.log(first.keyId === second.keyId); // true
 * ```
 */
export function createRateLimiter(options: RateLimiterOptions = {}): RateLimiter {
  checkOptions('createRateLimiter', options, {
    requestsPerSecond: wholeNumber,
    maxQueue: wholeNumber,
    clock: hasMethod('now', 'a Clock'),
  });
  const { requestsPerSecond = 25, maxQueue = 10_000, clock = systemClock } = options;
  const budgets = new Map<string, Budget>();

  function budgetOf(key: string): Budget {
    const known = budgets.get(key);
    if (known !== undefined) return known;
    const budget = createBudget({ requestsPerSecond, maxQueue, clock });
    budgets.set(key, budget);
    return budget;
  }

  return {
    acquire: async (key, lane, acquireOptions) => budgetOf(key).acquire(lane, acquireOptions),
    describe: (key) => budgetOf(key).describe(),
  };
}
