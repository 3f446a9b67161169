/**
 * How cautiously a key's requests are sent, the boldest first.
 *
 * - `burst`: as soon as a slot is free. Right for fixed windows, sliding logs and token buckets
 *   that hold the whole budget.
 * - `measured`: like `paced`, and a slot is free sooner by the time that requests and answers surely
 *   spend on the way. Only where it is asked for, and right as long as the way gets no shorter.
 * - `paced`: also spread evenly, with a little catching up. Right for a leaky bucket, too.
 * - `even`: no catching up, and the spaces grow by what the network was seen to vary.
 * - `one-at-a-time`: the next request follows the answer of the last. Right for any server.
 */
export type PacingPolicy = 'burst' | 'measured' | 'paced' | 'even' | 'one-at-a-time';

export const pacingPolicies: readonly PacingPolicy[] = [
  'burst',
  'measured',
  'paced',
  'even',
  'one-at-a-time',
];

/** The policies that a key may have, the most careful first. */
export function ladderOf(start: PacingPolicy): readonly PacingPolicy[] {
  return pacingPolicies
    .slice(pacingPolicies.indexOf(start))
    .filter((policy) => policy !== 'measured' || policy === start)
    .toReversed();
}

/** How a key sends now: its policy, and what it has learned of the server. */
export interface Caution {
  readonly policy: PacingPolicy;
  /** As configured, or fewer if the server was seen to take no more. */
  readonly requestsPerSecond: number;
  /** Requests that may be under way at once; `undefined` if the slots alone bound them. */
  readonly mostUnderWay: number | undefined;
}
