import type { RateLimiter } from '@ticket-lifecycle/series';
import type { FleetLimiter } from './fleet-limiter.ts';
import type { Ledger } from './ledger.ts';
import type { Permit } from './permit.ts';
import type { Claimed } from './store.ts';

/** The limiter of one delivery: its first requests go in the slots that came with the change. */
export function slotsOf(
  job: Claimed,
  holder: Permit,
  { limiter, ledger }: { readonly limiter: FleetLimiter; readonly ledger: Ledger },
): { readonly rateLimiter: RateLimiter; readonly giveBack: () => void } {
  const own = [...job.slots];
  const rateLimiter: RateLimiter = {
    describe: (key) => limiter.describe(key),
    async acquire(key, lane, options) {
      const slot = key === job.key ? own.shift() : undefined;
      const lease = await (slot === undefined
        ? limiter.acquire(key, lane, options)
        : limiter.claimed(slot, lane, options));
      try {
        options?.signal?.throwIfAborted();
        await holder.ensure();
        return lease;
      } catch (error) {
        lease.release({ kind: 'not-sent' });
        throw error;
      }
    },
  };
  return {
    rateLimiter,
    giveBack() {
      for (const { key, slot, token } of own.splice(0)) {
        ledger.release({ key, slot, token, answer: { kind: 'not-sent' } });
      }
    },
  };
}
