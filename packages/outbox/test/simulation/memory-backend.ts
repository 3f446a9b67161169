import type { ClaimEnd, Slot } from '../../src/model/claim.ts';
import { moment, type Moment } from '../../src/model/moment.ts';
import type { Store } from '../../src/model/store.ts';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import type { OpenBackend } from './backend.ts';
import { storeCalls } from './schedule.ts';
import { createStoreNetwork } from './world.ts';

/** What a store gives counts by the clocks of the process that asks: each has its own wall clock. */
const ownTimes = (slots: readonly Slot[], { wall }: Moment): Slot[] =>
  slots.map(({ sendBy, ...slot }) => ({
    ...slot,
    sendBy: { ...sendBy, since: { ...sendBy.since, wall } },
  }));

/** The store in memory, which all processes ask over the network as if it were a database. */
export const openMemoryBackend: OpenBackend = async (world, settings) => {
  const { time, database } = world;
  const store = createMemoryStore(settings);
  const network = createStoreNetwork(world);
  return {
    open(place, worker) {
      const wrapped: Record<string, unknown> = { ...store };
      for (const name of [...storeCalls, 'leave', 'accept'] as const) {
        const call = store[name] as (...args: unknown[]) => Promise<unknown>;
        const work = async (...args: unknown[]) => {
          const isEnd = name === 'end' && (args[0] as readonly ClaimEnd[]).length > 0;
          if (!isEnd || !world.strike(['end-forgotten'], (fault) => fault.worker === worker)) {
            return call(...args);
          }
          const stands = new Set((args[0] as readonly ClaimEnd[]).map(({ id }) => id));
          return { stands, busy: new Set() };
        };
        const known = name === 'leave' || name === 'accept' ? undefined : name;
        wrapped[name] = (...args: unknown[]) =>
          network.call(place, { worker, call: known }, () => work(...args));
      }
      const asks = wrapped as Pick<Store<never>, 'claim' | 'takeSlots'>;
      const { claim, takeSlots } = asks;
      Object.assign(wrapped, {
        async claim(...args: Parameters<typeof claim>) {
          const asked = moment();
          const claimed = await claim(...args);
          const jobs = claimed.jobs.map((job) => ({ ...job, slots: ownTimes(job.slots, asked) }));
          return { ...claimed, jobs };
        },
        async takeSlots(...args: Parameters<typeof takeSlots>) {
          const asked = moment();
          const taken = await takeSlots(...args);
          return { ...taken, slots: ownTimes(taken.slots, asked) };
        },
      });
      wrapped['onWake'] = (wake: () => void) => {
        store.onWake(() => time.later(place, world.between(0.2, 4), wake));
      };
      wrapped['close'] = async () => {};
      return wrapped as unknown as Store<never>;
    },
    async accept(changes, isRolledBack) {
      if (!isRolledBack) await store.accept(changes);
    },
    byHand: store,
    inspect: store.inspect,
    async kinds(ids) {
      const found = await time.at(database, () =>
        Promise.all(ids.map((id) => store.inspect.change(id))),
      );
      return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.id, one.kind]])));
    },
    hangUp: () => {},
    endSession: () => {},
    close: async () => {},
  };
};
