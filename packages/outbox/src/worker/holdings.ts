import { FencedError } from '../model/errors.ts';
import type { Claimed, ClaimName } from '../model/claim.ts';
import type { WorkerLife } from './lives.ts';

/** A claim that this worker works on, and whether it still may. */
export interface Holding {
  readonly life: WorkerLife;
  readonly claimed: Claimed;
  /** Whether it may be sent, by this process's clock and by what it has heard. */
  isHeld(): boolean;
  /** Rejects unless it may be sent, with a FencedError where that is known. */
  ensure(): Promise<void>;
  /** Whether its delivery was ever told that it may send. */
  wasGiven(): boolean;
  /** Its delivery has ended: nothing more is sent for it. */
  end(): void;
}

/** All claims whose end is not written down yet: what the worker tells the store that it holds. */
export function createHoldings() {
  const all = new Set<Holding>();
  const lost = new WeakSet<Holding>();
  const given = new WeakSet<Holding>();
  const ended = new WeakSet<Holding>();

  function demandKept(holding: Holding): void {
    if (ended.has(holding)) {
      throw new FencedError('The delivery has ended, so it sends nothing more.');
    }
    if (!lost.has(holding)) return;
    throw new FencedError('The store no longer knows this claim, so nothing is sent for it.');
  }

  return {
    add(life: WorkerLife, claimed: Claimed): Holding {
      const holding: Holding = {
        life,
        claimed,
        isHeld() {
          const isHeld = !ended.has(holding) && !lost.has(holding) && life.permit.isHeld();
          if (isHeld) given.add(holding);
          return isHeld;
        },
        async ensure() {
          demandKept(holding);
          await life.permit.ensure();
          demandKept(holding);
          given.add(holding);
        },
        wasGiven: () => given.has(holding),
        end: () => void ended.add(holding),
      };
      all.add(holding);
      return holding;
    },
    remove: (holding: Holding): void => void all.delete(holding),
    /**
     * Whether this change may have been sent here without the store's knowledge: its delivery is under
     * way, or has ended and the store does not know. A claim that follows that end has a higher fence.
     */
    has: ({ id, fence }: ClaimName): boolean =>
      [...all].some(
        (holding) =>
          holding.claimed.id === id && (!ended.has(holding) || holding.claimed.fence >= fence),
      ),
    namesOf: (life: WorkerLife): ClaimName[] =>
      [...all]
        .filter((holding) => holding.life === life)
        .map(({ claimed: { id, fence } }) => ({ id, fence })),
    /** Sends nothing more for claims that the store does not know as held. */
    lose(life: WorkerLife, names: readonly ClaimName[]): void {
      for (const holding of all) {
        const { id, fence } = holding.claimed;
        const isLost = names.some((name) => name.id === id && name.fence === fence);
        if (holding.life === life && isLost) lost.add(holding);
      }
    },
  };
}
