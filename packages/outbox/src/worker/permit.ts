import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import { FencedError } from '../model/errors.ts';
import { isBefore, moment, type Moment } from '../model/moment.ts';

// The store may give a worker up as soon as it was silent for `graceMs` (and has lost its session),
// so its permit to send ends before that. A process that was stopped finds it expired when it
// wakes: the clock went on.
// So long that a hiccup of the database costs nothing, and so short that a crash costs seconds.
const permitMs = 1500;

/** How long a worker may be silent. */
export const graceMs = 1600;

/** How long a claim is waited for, and how long the next one is put off. */
export const claimAnswerMs = 5000;
export const longestSleepMs = 1000;

/**
 * How long a worker that lives usually does not know that a change was taken from it: it hears of it
 * with the answer to a claim that it makes afterwards. Where two claims in a row are slow, it takes
 * longer, and a delivery of one's own may send after that.
 */
export const unawareMs = claimAnswerMs + longestSleepMs + graceMs;

/** How often a worker shows that it lives, where its other work does not. */
export const renewMs = 400;

// An answer that took longer could extend nothing. It is asked for anew, on another connection.
const answerMs = permitMs;
// How often the store is asked before a delivery goes back.
const mostQuestions = 2;

/** This process's right to send, in one life of its worker. */
export interface Permit {
  isHeld(): boolean;
  /**
   * Asks the store where the right has run out. Rejects with a FencedError where it is gone, and
   * where the answers came too late to count.
   */
  ensure(): Promise<void>;
  /** Renews it before it runs out. False once it is gone for good. */
  renew(): Promise<boolean>;
  /** Makes a call by which the store sees that this worker lives, as good as a renewal. */
  during<Result>(call: () => Promise<Result>): Promise<Result>;
  /** Ends it for good. */
  revoke(): void;
}

/**
 * Makes the permit of a life that the store knows already.
 *
 * @param renewInStore - false where the store has ended the life
 * @param enteredAt - a moment right before the store was asked to enter it
 */
export function createPermit(renewInStore: () => Promise<boolean>, enteredAt?: Moment): Permit {
  let renewed: Moment = enteredAt ?? { ticks: -Infinity, wall: -Infinity };
  let isLost = false;
  let renewing: Promise<void> | undefined;

  async function during<Result>(call: () => Promise<Result>): Promise<Result> {
    const asked = moment();
    const result = await call();
    extend(asked);
    return result;
  }

  async function renewOnce(): Promise<void> {
    const asked = moment();
    if (await renewInStore()) extend(asked);
    else isLost = true;
  }

  /** Counts from before the question: the answer may have been long under way. */
  function extend(asked: Moment): void {
    if (asked.ticks > renewed.ticks) renewed = asked;
  }

  const isWithin = (ms: number) => !isLost && isBefore({ since: renewed, ms });
  const isHeld = () => isWithin(permitMs);

  function ask(): Promise<void> {
    // One that was never answered must not keep the next from being asked.
    renewing ??= waitAtMost<void, void>(answerMs, renewOnce()).finally(
      () => (renewing = undefined),
    );
    return renewing;
  }

  return {
    isHeld,
    during,
    async renew() {
      if (!isWithin(renewMs) && !isLost) await ask();
      return !isLost;
    },
    revoke() {
      isLost = true;
    },
    async ensure() {
      for (let asked = 0; asked < mostQuestions; asked += 1) {
        if (isHeld() || isLost) break;
        await ask();
      }
      if (isHeld()) return;
      throw new FencedError(
        isLost
          ? 'This worker no longer holds the change, so it sends nothing.'
          : 'The store took too long to say whether this worker still holds the change, so it sends nothing.',
      );
    },
  };
}
