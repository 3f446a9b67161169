import { rungBelow, type Rung } from './rung.ts';
import { windowMs } from './slots.ts';

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
