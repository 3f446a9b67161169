import type { Lane } from './lane.ts';
import type { Lease } from './lease.ts';

/** 0 is the highest priority. */
export type Rank = 0 | 1 | 2;

/**
 * A request that waits for a slot. There may be a million of them, so it is one small object: the
 * lists that it stands in run through its own fields, and its promise is settled by one function.
 */
export class Waiting {
  readonly settle: (lease: Lease | Promise<never>) => void;
  readonly rank: Rank;
  readonly askedAt: number;
  /** When it has waited long enough. */
  readonly expiresAt: number | undefined;
  readonly signal: AbortSignal | undefined;
  lane: Lane | undefined = undefined;
  isWaiting = false;
  /** Its neighbours in the lane. */
  before: Waiting | undefined = undefined;
  after: Waiting | undefined = undefined;
  /** Its neighbours under the same signal. */
  earlier: Waiting | undefined = undefined;
  later: Waiting | undefined = undefined;

  constructor(
    settle: (lease: Lease | Promise<never>) => void,
    rank: Rank,
    askedAt: number,
    expiresAt: number | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.settle = settle;
    this.rank = rank;
    this.askedAt = askedAt;
    this.expiresAt = expiresAt;
    this.signal = signal;
  }
}
