import { CliError } from '../cli-error.ts';
import type { Places } from './api-key.ts';
import { documentedLimit } from '@ticket-lifecycle/series/limiter';

/** What a run may use of the budget of a key. */
export interface RateOptions {
  /** @defaultValue 25, as the API documents it */
  readonly requestsPerSecond?: number | undefined;
  /** The part of that which is ours. */
  readonly rateShare?: number | undefined;
  /** Where that was said, if not on the command line. */
  readonly places?: Places | undefined;
}

/**
 * Gives the whole requests per second of a share. A fraction of a request cannot be used, so it is
 * rounded down.
 *
 * @throws CliError for less than one: rounding up would use the share of other programs
 */
export function rateOf({
  requestsPerSecond = documentedLimit,
  rateShare = 1,
  places,
}: RateOptions): number {
  // A share such as 0.29 of 100 is a hair below its number.
  const rate = Math.floor(requestsPerSecond * rateShare + 1e-9);
  if (rate >= 1) return rate;
  const least = Math.ceil((1 / requestsPerSecond) * 1000) / 1000;
  throw new CliError(
    `${places?.['rateShare'] ?? '--rate-share'}: ${rateShare} of ${requestsPerSecond} requests a second is less than one. Give ${least} or more, or share the key among fewer programs.`,
  );
}
