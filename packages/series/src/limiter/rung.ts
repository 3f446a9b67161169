/**
 * How cautiously a key's requests are sent, the boldest first.
 *
 * - `burst`: as soon as one of the slots is free. Right for fixed windows, sliding logs and token
 *   buckets that hold the whole budget.
 * - `paced`: also spread evenly, with a little catching up. Right for a bucket that leaks, too.
 * - `even`: no catching up, and the spaces grow by what the network was seen to vary.
 * - `one-at-a-time`: the next request follows the answer of the last. Right for any server.
 */
export type Rung = 'burst' | 'paced' | 'even' | 'one-at-a-time';

export const rungs: readonly Rung[] = ['burst', 'paced', 'even', 'one-at-a-time'];

/** The next more cautious rung, or `undefined` at the foot of the ladder. */
export function rungBelow(rung: Rung): Rung | undefined {
  return rungs[rungs.indexOf(rung) + 1];
}
