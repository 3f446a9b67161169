import { FencedError } from './errors.ts';

// The store may give a worker up a second after its last sign of life, so its permit to send ends
// before that. A process that was stopped finds it expired when it wakes: the clock went on.
const permitMs = 800;

/** How often a worker shows that it lives. */
export const renewMs = 300;

/** This process's right to send, in one life of its worker. */
export interface Permit {
  isHeld(): boolean;
  /** Asks the store where the right has run out. Rejects with a FencedError when it is gone. */
  ensure(): Promise<void>;
  /** Renews it before it runs out. False once it is gone for good. */
  renew(): Promise<boolean>;
  /** Ends it for good. */
  revoke(): void;
}

export function createPermit(renewInStore: () => Promise<boolean>): Permit {
  let renewed: Moment = { ticks: -Infinity, wall: -Infinity };
  let isLost = false;
  let renewing: Promise<boolean> | undefined;

  async function renewOnce(): Promise<boolean> {
    // Counted from before the question: the answer may have been long under way.
    const asked = moment();
    if (!(await renewInStore())) isLost = true;
    if (!isLost) renewed = asked;
    return !isLost;
  }

  function renew(): Promise<boolean> {
    if (isLost) return Promise.resolve(false);
    renewing ??= renewOnce().finally(() => (renewing = undefined));
    return renewing;
  }

  const isHeld = () => !isLost && isWithin(permitMs, renewed, moment());

  return {
    isHeld,
    renew,
    revoke() {
      isLost = true;
    },
    async ensure() {
      if (isHeld()) return;
      await renew();
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

function isWithin(ms: number, since: Moment, now: Moment): boolean {
  const elapsed = now.wall - since.wall;
  return now.ticks - since.ticks < ms && elapsed < ms && elapsed >= 0;
}
