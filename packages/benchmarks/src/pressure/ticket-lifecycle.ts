import { createPostgresOutbox, type Change } from '@ticket-lifecycle/outbox';
import { idOf, itemOf, type Engine, type Item } from './engine.ts';

/** Ours, with its own defaults: 25 requests a second and key, evenly. */
export const ticketLifecycle: Engine = {
  name: 'ticket-lifecycle',
  figure: 'ours',
  claim: 'outbox_claim(',
  async openProducer(pool, place) {
    const outbox = await createPostgresOutbox({ pool, ...place });
    return {
      accept: (items) =>
        outbox
          .acceptMany(items.map((item) => ({ change: changeOf(item), id: idOf(item) })))
          .then(() => {}),
      close: () => outbox.close(),
    };
  },
  async work(pool, place, deliver) {
    const outbox = await createPostgresOutbox({ pool, ...place });
    await outbox.run(async ({ id, doubt, rateLimiter, key, change, ensureHeld }) => {
      const lease = await rateLimiter.acquire(key, change.ticketId);
      try {
        await ensureHeld();
        const answer = await deliver(itemOf(id), doubt?.sinceMs);
        return answer === 'sent'
          ? { kind: 'done' }
          : { kind: 'read-again', reason: 'It may still be under way.', delayMs: 200 };
      } finally {
        lease.release({ kind: 'answered' });
      }
    });
  },
};

/** So many that the limit of 25 requests a second and key is not what is measured. */
const keys = 40;
const tickets = 2000;

function changeOf(item: Item): Change {
  const ticket = item % tickets;
  return { ticketId: `T-${ticket}`, event: 'START', staffUserId: 7, key: `key-${ticket % keys}` };
}
