import type { Lease, RateLimiter } from '@ticket-lifecycle/series';
import type { DeliveryJob } from '../model/delivery.ts';
import type { FleetLimiter } from './fleet-limiter.ts';
import type { Holding } from './holdings.ts';
import { giveBack, type Ledger } from './ledger.ts';
import type { Claimed, Slot } from '../model/claim.ts';
import { isBefore } from '../model/moment.ts';

/** Makes the limiter of one delivery, whose first requests go in the slots that came with the change. */
export function createDeliveryLimiter(
  claimed: Claimed,
  holding: Pick<Holding, 'ensure'>,
  {
    limiter,
    ledger,
    note = () => {},
  }: {
    readonly limiter: FleetLimiter;
    readonly ledger: Pick<Ledger, 'release'>;
    readonly note?: DeliveryJob['note'];
  },
) {
  let granted: Lease | undefined;
  const own = [...claimed.slots];

  /** The next of the slots that came with the change, unless its time is over. */
  function next(key: string): Slot | undefined {
    const slot = key === claimed.key ? own.shift() : undefined;
    if (slot === undefined || isBefore(slot.sendBy)) return slot;
    giveBack(ledger, slot);
    return next(key);
  }

  const rateLimiter: RateLimiter = {
    describe: (key) => limiter.describe(key),
    async acquire(key, lane, options) {
      for (;;) {
        const slot = next(key);
        const lease = await (slot === undefined
          ? limiter.acquireForChange(key, lane, options)
          : limiter.claimed(slot, lane, options));
        try {
          options?.signal?.throwIfAborted();
          await holding.ensure();
        } catch (error) {
          lease.release({ kind: 'not-sent' });
          throw error;
        }
        if (lease.isInTime?.() !== false) {
          granted = lease;
          note('slot', `waited ${Math.round(lease.waitedMs)} ms`);
          return lease;
        }
        // The store took long to say that the claim is held.
        lease.release({ kind: 'not-sent' });
      }
    },
  };
  return {
    rateLimiter,
    /** Whether the time of the slot that it has had last is not over, so that a request may begin. */
    isInTime: () => granted?.isInTime?.() !== false,
    /** Whether the delivery has had a slot, and so may have sent something. */
    hasGranted: () => granted !== undefined,
    /** Gives back what it did not use. */
    giveBack(): void {
      for (const slot of own.splice(0)) giveBack(ledger, slot);
    },
  };
}
