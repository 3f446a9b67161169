import { FencedError } from '../model/errors.ts';

// The store may give a worker up as soon as it was silent for `graceMs` (and has lost its session),
// so its permit to send ends before that. A process that was stopped finds it expired when it
// wakes: the clock went on.
const permitMs = 400;

/** How long a worker may be silent. */
export const graceMs = 450;

/** How often a worker shows that it lives, where its other work does not. */
export const renewMs = 150;

/** This process's right to send, in one life of its worker. */
export interface Permit {
  isHeld(): boolean;
  /** Asks the store where the right has run out. Rejects with a FencedError when it is gone. */
  ensure(): Promise<void>;
  /** Renews it before it runs out. False once it is gone for good. */
  renew(): Promise<boolean>;
  /** Makes a call by which the store sees that this worker lives, as good as a renewal. */
  during<Result>(call: () => Promise<Result>): Promise<Result>;
  /** Ends it for good. */
  revoke(): void;
}

export function createPermit(renewInStore: () => Promise<boolean>): Permit {
  let renewed: Moment = { ticks: -Infinity, wall: -Infinity };
  let isLost = false;
  let renewing: Promise<boolean> | undefined;

  async function during<Result>(call: () => Promise<Result>): Promise<Result> {
    const asked = moment();
    const result = await call();
    extend(asked);
    return result;
  }

  async function renewOnce(): Promise<boolean> {
    const asked = moment();
    if (await renewInStore()) extend(asked);
    else isLost = true;
    return !isLost;
  }

  /** Counts from before the question: the answer may have been long under way. */
  function extend(asked: Moment): void {
    if (asked.ticks > renewed.ticks) renewed = asked;
  }

  const isWithin = (ms: number) => !isLost && isSince(ms, renewed, moment());
  const isHeld = () => isWithin(permitMs);

  function ask(): Promise<boolean> {
    renewing ??= renewOnce().finally(() => (renewing = undefined));
    return renewing;
  }

  return {
    isHeld,
    during,
    async renew() {
      return isWithin(renewMs) || (!isLost && (await ask()));
    },
    revoke() {
      isLost = true;
    },
    async ensure() {
      if (isHeld()) return;
      if (!isLost) await ask();
      if (isHeld()) return;
      throw new FencedError('This worker no longer holds the change, so it sends nothing.');
    },
  };
}

/** A moment by two clocks: one of them may stand still while the machine sleeps, or be set. */
interface Moment {
  readonly ticks: number;
  readonly wall: number;
}

const moment = (): Moment => ({ ticks: performance.now(), wall: Date.now() });

function isSince(ms: number, since: Moment, now: Moment): boolean {
  const elapsed = now.wall - since.wall;
  return now.ticks - since.ticks < ms && elapsed < ms && elapsed >= 0;
}
