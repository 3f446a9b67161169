import { windowMs } from './slots.ts';

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

/** Where a key stands between bold and cautious. It only ever goes down. */
export interface Ladder {
  readonly rung: Rung;
  /** Weighs a 429 and goes down a rung if it is evidence; says to which. */
  weigh(sentUnder: Rung, sentAt: number): Rung | undefined;
}

export function createLadder(policy: Rung, startedAt: number): Ladder {
  let rung = policy;
  return {
    get rung() {
      return rung;
    },
    weigh(sentUnder, sentAt) {
      // Several requests may be refused for one reason, and it was answered with the first.
      if (sentUnder !== rung) return undefined;
      // A process that was here before us may have used up the second that we began in.
      if (sentAt < startedAt + windowMs) return undefined;
      const below = rungBelow(rung);
      rung = below ?? rung;
      return below;
    },
  };
}
