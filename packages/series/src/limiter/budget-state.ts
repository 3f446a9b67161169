import type { LimitEvidence } from './limiter-event.ts';
import type { PacingPolicy } from './policy.ts';

/**
 * The state of one key's budget as plain data, for a dashboard. A limiter on a shared store leaves
 * out what it can't know.
 */
export interface BudgetState {
  readonly requestsPerSecond: number;
  /** Requests waiting for a slot. */
  readonly waiting: number;
  /** Requests sent and not yet answered. */
  readonly underWay: number;
  /**
   * Requests sent so far, those that are under way included. A slot that was given back as
   * `not-sent` does not count.
   */
  readonly sent: number;
  /** Answers of 429 so far. */
  readonly limited: number;
  /** Milliseconds until the key may send again after a 429, or 0. */
  readonly pausedMs: number;
  /** How cautiously the key sends now. */
  readonly policy?: PacingPolicy | undefined;
  /** Requests that may wait. */
  readonly maxQueue?: number | undefined;
  /** Tickets with a request that waits or is under way. */
  readonly lanes?: number | undefined;
  /** Slots that cool down, because the server may still count their last request. */
  readonly coolingDown?: number | undefined;
  /** Milliseconds until the next request leaves, or `undefined` while none can be foreseen. */
  readonly nextSendMs?: number | undefined;
  /** What a round trip takes lately, in milliseconds; 0 before the first. */
  readonly roundTripMs?: number | undefined;
  /** Spread (max − min) of recent round trips, in milliseconds. */
  readonly jitterMs?: number | undefined;
  /** Milliseconds by which slots are free sooner, under the policy `measured`. */
  readonly pathFloorMs?: number | undefined;
  /** Requests per second that the server was seen to take, where those are fewer than allowed. */
  readonly learnedRequestsPerSecond?: number | undefined;
  /** Requests that the server was seen to take at once, where that was learned from a 429. */
  readonly learnedUnderWay?: number | undefined;
  /** Milliseconds until a bolder way is tried; 0 during the trial. */
  readonly triesHigherInMs?: number | undefined;
  /** The last 429 that made the key step down, while it sends more cautiously than its policy. */
  readonly steppedDownBy?: LimitEvidence | undefined;
}
