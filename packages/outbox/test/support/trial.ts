import type { Change, Deliver, DeliveryJob, Ending, Outbox, OutboxEvent } from '../../src/index.ts';

/** An outbox under test with all that happened in it, which can be waited for. */
export interface Trial<Tx = never> {
  readonly outbox: Outbox<Tx>;
  readonly events: readonly OutboxEvent[];
  /** Resolves with the events that fit as soon as there are `count` of them. */
  readonly until: (fits: (event: OutboxEvent) => boolean, count?: number) => Promise<OutboxEvent[]>;
}

export type Open<Tx = never> = (onEvent: (event: OutboxEvent) => void) => Promise<Outbox<Tx>>;

export async function trialOf<Tx>(open: Open<Tx>): Promise<Trial<Tx>> {
  const events: OutboxEvent[] = [];
  let check = () => {};
  const outbox = await open((event) => {
    events.push(event);
    check();
  });
  return {
    outbox,
    events,
    until: (fits, count = 1) =>
      new Promise((resolve) => {
        const before = check;
        check = () => {
          before();
          const found = events.filter(fits);
          if (found.length >= count) resolve(found);
        };
        check();
      }),
  };
}

export const ended = (kind?: string) => (event: OutboxEvent) =>
  event.type === 'ended' && (kind === undefined || event.kind === kind);

/** A delivery as a client would make it: it takes the slot, and gives it back. */
export const delivering =
  (end: (delivery: DeliveryJob) => Ending | Promise<Ending> = () => ({ kind: 'done' })): Deliver =>
  async (delivery) => {
    const lease = await delivery.rateLimiter.acquire(delivery.key, delivery.change.ticketId);
    try {
      return await end(delivery);
    } finally {
      lease.release({ kind: 'answered' });
    }
  };

export const change = (ticketId: string, event = 'START', more: Partial<Change> = {}): Change => ({
  ticketId,
  event,
  staffUserId: 7,
  ...more,
});

/** The name of the event that is delivered. */
export const eventOf = ({ change: { event } }: DeliveryJob): string =>
  typeof event === 'string' ? event : event.type;
