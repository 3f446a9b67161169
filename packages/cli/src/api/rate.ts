import { documentedLimit } from '@ticket-lifecycle/series/limiter';

/** What a run may use of the budget of a key. */
export interface RateOptions {
  /** @defaultValue 25, as the API documents it */
  readonly requestsPerSecond?: number | undefined;
  /** The part of that which is ours. */
  readonly rateShare?: number | undefined;
}

/** Whole requests per second: a part of one would be waited for, and never used. */
export const rateOf = ({
  requestsPerSecond = documentedLimit,
  rateShare = 1,
}: RateOptions): number => Math.max(1, Math.floor(requestsPerSecond * rateShare));
