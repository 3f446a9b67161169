import type { Caution } from './policy.ts';

/** Evidence that the server is stricter than the policy, or that somebody else uses the key. */
export interface LimitEvidence {
  /** When the request left that was answered 429, and when the answer came. */
  readonly sentAt: number;
  readonly answeredAt: number;
  /**
   * The most requests that the server can have counted in the second before the answer, this one
   * included: never more than `requestsPerSecond`.
   */
  readonly atMostInTheSecond: number;
  /** What the key allowed itself then. */
  readonly requestsPerSecond: number;
  /** Requests that were under way when it left, this one included. */
  readonly underWay: number;
  /** Spread (max − min) of recent round trips. */
  readonly jitterMs: number;
  /** What the server asked for, if anything. */
  readonly retryAfterMs: number | undefined;
}

/** A key goes on more cautiously. It steps up again later: see {@link SteppedUp}. */
export interface SteppedDown {
  readonly type: 'stepped-down';
  /** The name of the budget, as given to `acquire`. */
  readonly key: string;
  readonly at: number;
  readonly from: Caution;
  readonly to: Caution;
  /** Milliseconds from `at` until it tries to step up again. */
  readonly triesHigherInMs: number | undefined;
  readonly evidence: LimitEvidence;
}

/** A key tries a bolder way again. A 429 soon after takes that back. */
export interface SteppedUp {
  readonly type: 'stepped-up';
  readonly key: string;
  readonly at: number;
  readonly from: Caution;
  readonly to: Caution;
  /** Milliseconds from `at` until the next try; 0 while this one has to prove itself. */
  readonly triesHigherInMs: number | undefined;
}

/** A key is silent after a 429. */
export interface Paused {
  readonly type: 'paused';
  readonly key: string;
  readonly at: number;
  /** Milliseconds from `at` until the key may send again. */
  readonly forMs: number;
  /** What the server asked for, if anything. We wait for a minute at most. */
  readonly retryAfterMs: number | undefined;
}

/** What happens in a limiter, as data. */
export type LimiterEvent = SteppedDown | SteppedUp | Paused;

/** Called with each event of a limiter. What it throws or rejects with is ignored. */
export type LimiterListener = (event: LimiterEvent) => void;
