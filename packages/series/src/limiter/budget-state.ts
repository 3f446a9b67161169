import type { Rung } from './policy.ts';

/**
 * The state of one key's budget as plain data, for a dashboard. What a store that many processes
 * share can't know of them all is left out there.
 */
export interface BudgetState {
  readonly requestsPerSecond: number;
  /** Requests waiting for a slot. */
  readonly waiting: number;
  /** Requests sent and not yet answered. */
  readonly underWay: number;
  /** Requests sent so far. */
  readonly sent: number;
  /** Answers of 429 so far. */
  readonly limited: number;
  /** Milliseconds until the key may send again after a 429, or 0. */
  readonly pausedMs: number;
  /** How cautiously the key sends now. */
  readonly rung?: Rung | undefined;
  /** Requests that may wait. */
  readonly maxQueue?: number | undefined;
  /** Tickets with a request that waits or is under way. */
  readonly lanes?: number | undefined;
  /** Slots that rest, because the server may still count their last request. */
  readonly resting?: number | undefined;
  /** Milliseconds until the next request leaves, or `undefined` while none can be foreseen. */
  readonly nextSendMs?: number | undefined;
  /** What a round trip takes these days, in milliseconds; 0 before the first. */
  readonly roundTripMs?: number | undefined;
  /** How much the round trips of late have differed, in milliseconds. */
  readonly jitterMs?: number | undefined;
}
