import {
  checkOptions,
  hasMethod,
  milliseconds,
  oneOf,
  wholeNumber,
} from '@ticket-lifecycle/internal/option-checks';
import { createValuesByKey } from '@ticket-lifecycle/internal/values-by-key';
import type { BudgetState } from './budget-state.ts';
import { createBudget, type Budget } from './budget.ts';
import { steady, systemClock, type Clock } from '../clock.ts';
import type { AcquireOptions, Lease } from './lease.ts';
import { createListeners } from '../listeners.ts';
import type { LimiterEvent, LimiterListener } from './limiter-event.ts';
import { pacingPolicies, type PacingPolicy } from './policy.ts';

// How the limiter works
//
// A key has as many *slots* as it may send requests per second: 25. A request takes a slot when it
// leaves. `acquire` hands out a *lease* for it, and `release` says how the request ended.
//
// Slots (slots.ts). A slot cools down before it is used again, for one second after the answer.
//   Why it is right: the server counts a request at some moment between its sending and its answer.
//   Two requests of one slot are therefore counted more than a second apart, so no window of one
//   second ever holds more requests than there are slots, wherever the window begins.
//   - A request that never left frees its slot at once.
//   - A request without an answer may still arrive, so its slot cools down for two seconds.
//
// Pacing (pacing.ts). A leaky bucket holds fewer requests than a window, so they are also spread:
//   one every 40 ms (1000 / 25).
//   - A stall of this process is caught up on, but only by as many requests as may arrive together:
//     four, less what the network's jitter can add. A due time counts from when somebody waits, so
//     idle time is never made up for.
//   - A request that is held up after its slot came, by a slow key or guard, is spaced again when it
//     leaves (`pace`). If its key pauses by then, or those that have left have to be answered first, it
//     gives its slot back and waits at the head of its lane (`mayLeave`).
//   - A stall of the network shows in missing answers. Then sending waits, because all the requests
//     under way may arrive at once. When the answers come, the bucket gets time to drain.
//
// Path (path-floor.ts, ../request/path-time.ts). Under the policy `measured` a slot is free sooner, by
//   the time that the next request and the last answer surely are on the way. A 429 takes that back.
//
// Caution (caution.ts, climb.ts). A 429 in spite of all this is evidence: the server is stricter, or
//   somebody else uses the key. The key steps back to what the server had just taken: one policy
//   down (burst, paced, even, one-at-a-time), fewer requests per second, fewer at once (under-way.ts).
//   After a quiet time it tries a bolder way, one step at a time, and waits twice as long whenever a
//   try fails. So it finds the server's own limit, and is back at its own where there is none.
//   Not evidence: a request sent before the last step down, or in the first second of this process,
//   which an earlier process may have used up.
//
// Pauses (budget.ts). A 429 pauses the whole key for a second, or for `Retry-After` up to a minute:
//   the requests behind it would be refused too. The refused one goes back to the head of its lane.
//
// Lanes (lanes.ts). The requests of one ticket share a *lane* and leave one at a time, in order.
//   Lanes take turns. Higher priorities go first, but a lower one gets every ninth turn at least.
//
// Queue (queue.ts). Waiters leave by their turn, an abort, `maxWaitMs` (expiries.ts) or `close`.
//   There may be a million: each is one object, and one timer (wake-timer.ts) serves the whole key.
//
// Time (wake-timer.ts, ../clock.ts). No wait rests on one timer: each has a second, a wake-up that is
//   overdue is set anew by whoever asks next, and a clock that is set back goes on from where it was.
//
// Keys. Each key has a budget of its own. An idle one is forgotten after a minute,
//   one that has learned something after ten.
//
// Proof: test/limiter/server-limits.test.ts sends random traffic to servers that count in different
// ways. Measurement: `npm run bench -- limiter` (packages/benchmarks) compares it with others.

/** The limit of the Series API, in requests per second and key. */
export const documentedLimit = 25;

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
   * Calls a listener with each 429 and each step down and up, as it happens. Returns a function that
   * ends it. A limiter without events may leave `on` out.
   */
  on?(listener: LimiterListener): () => void;
}

/** A limiter of one process. */
export interface LocalRateLimiter extends RateLimiter {
  on(listener: LimiterListener): () => void;
  /**
   * Forgets what 429s have taught of a key, so that it sends by its own policy again. A pause that has
   * begun goes on.
   */
  reset(key: string): void;
  /**
   * Rejects all who wait and all who come later; no timer is left. Slots that were handed out may
   * still be released.
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
   * The policy to start with. A 429 in spite of it makes the key step down, until a bolder way has
   * proven itself again.
   *
   * @defaultValue 'paced'
   */
  readonly policy?: PacingPolicy | undefined;
  /**
   * Milliseconds from a step down to the first try of a bolder way. They double with each try that
   * fails, up to ten minutes.
   *
   * @defaultValue 5000
   */
  readonly stepUpAfterMs?: number | undefined;
  /**
   * Requests that may wait per key.
   *
   * @defaultValue 10_000
   */
  readonly maxQueue?: number | undefined;
  /** @defaultValue the process's own clock */
  readonly clock?: Clock | undefined;
}

export const limiterChecks = {
  requestsPerSecond: wholeNumber,
  policy: oneOf(...pacingPolicies),
  stepUpAfterMs: milliseconds,
  maxQueue: wholeNumber,
  clock: hasMethod('now', 'a Clock'),
};

/**
 * Makes a limiter for one process that never sends more than the limit allows, whichever way the
 * server counts, and uses nearly all of the budget.
 *
 * A slot is free again one second after the *answer* to its request. A 429 pauses the whole key. If
 * it came in spite of the limit, the key goes on more cautiously for a while: see
 * {@link PacingPolicy} and {@link SteppedUp}.
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
 *   if (event.type === 'stepped-down') console.warn(`${event.key}: now ${event.to.policy}`);
 * });
 * const first = createSeriesClient({ apiKey: 'example-key', rateLimiter });
 * const second = createSeriesClient({ apiKey: 'example-key', rateLimiter });
 * console.log(first.keyId === second.keyId); // true
 * ```
 */
export function createRateLimiter(options: RateLimiterOptions = {}): LocalRateLimiter {
  checkOptions('createRateLimiter', options, limiterChecks);
  const { requestsPerSecond = documentedLimit, maxQueue = 10_000, policy = 'paced' } = options;
  const { stepUpAfterMs = 5000 } = options;
  const clock = steady(options.clock ?? systemClock);
  const listeners = createListeners<LimiterEvent>();
  const { emit } = listeners;
  const limits = { requestsPerSecond, maxQueue, policy, stepUpAfterMs };
  const budgets = createValuesByKey(create, (budget) => budget.isForgettable(clock.now()));
  let isClosed = false;
  const limiter: LocalRateLimiter = {
    acquire: (key, lane, acquireOptions) => budgets.of(key).acquire(lane, acquireOptions),
    // A key that nobody used is not remembered.
    describe: (key) => (budgets.get(key) ?? create(key)).describe(),
    on: listeners.add,
    reset: (key) => budgets.get(key)?.reset(),
    close() {
      isClosed = true;
      for (const [, budget] of budgets.entries()) budget.close();
    },
  };
  locals.add(limiter);
  return limiter;

  function create(key: string): Budget {
    const budget = createBudget({ ...limits, clock, emit, key });
    if (isClosed) budget.close();
    return budget;
  }
}

const locals = new WeakSet<RateLimiter>();

/** Whether a limiter is one of this process alone, as {@link createRateLimiter} makes it. */
export const isLocal = (limiter: RateLimiter): boolean => locals.has(limiter);
