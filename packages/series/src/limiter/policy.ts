import { windowMs } from './slots.ts';

/**
 * How cautiously a key's requests are sent, the boldest first.
 *
 * - `burst`: as soon as a slot is free. Right for fixed windows, sliding logs and token buckets
 *   that hold the whole budget.
 * - `paced`: also spread evenly, with a little catching up. Right for a leaky bucket, too.
 * - `even`: no catching up, and the spaces grow by what the network was seen to vary.
 * - `one-at-a-time`: the next request follows the answer of the last. Right for any server.
 */
export type PacingPolicy = 'burst' | 'paced' | 'even' | 'one-at-a-time';

export const pacingPolicies: readonly PacingPolicy[] = ['burst', 'paced', 'even', 'one-at-a-time'];

/** The policy of a key. It only ever becomes more cautious. */
export interface KeyPolicy {
  readonly current: PacingPolicy;
  /** Weighs a 429. Steps down if it is evidence, and returns the new policy. */
  stepDown(sentUnder: PacingPolicy, sentAt: number): PacingPolicy | undefined;
}

export function createKeyPolicy(policy: PacingPolicy, startedAt: number): KeyPolicy {
  let current = policy;
  return {
    get current() {
      return current;
    },
    stepDown(sentUnder, sentAt) {
      // Several requests may be refused for one reason, and the first has already been answered to.
      if (sentUnder !== current) return undefined;
      // An earlier process may have used up the second in which this one started.
      if (sentAt < startedAt + windowMs) return undefined;
      const next = pacingPolicies[pacingPolicies.indexOf(current) + 1];
      current = next ?? current;
      return next;
    },
  };
}
