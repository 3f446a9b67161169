import { createPostgresOutbox, type Deliver } from '@ticket-lifecycle/outbox';
import type pg from 'pg';

/** How often the order of a ticket came out wrong. */
export interface OrderResult {
  readonly inOneTransaction: number;
  readonly behindALock: number;
}

const together = 50;
const queued = 20;

/** Accepts changes in ways that put other queues out of order, and looks at what is delivered. */
export async function measureOrder(pool: pg.Pool): Promise<OrderResult> {
  const schema = 'order_trial';
  const outbox = await createPostgresOutbox({ pool, schema });
  await pool.query('create table order_ticket (id text primary key)');
  const accept = (tx: pg.PoolClient, ticketId: string, event: string) =>
    outbox.accept({ ticketId, event, staffUserId: 7 }, { tx });
  for (let index = 0; index < together; index += 1) {
    await transaction(pool, async (tx) => {
      for (const event of ['A', 'B', 'C']) await accept(tx, `T-${index}`, event);
    });
  }
  for (let index = 0; index < queued; index += 1) await queueUp(pool, `Q-${index}`, accept);
  await outbox.close();

  const seen = new Map<string, string>();
  const done = Promise.withResolvers<void>();
  let left = together * 3 + queued * 2;
  const running = await createPostgresOutbox({
    pool,
    schema,
    pace: 'burst',
    requestsPerSecond: 1000,
    onEvent: ({ type }) => type === 'ended' && (left -= 1) === 0 && done.resolve(),
  });
  const deliver: Deliver = async ({ change: { ticketId, event } }) => {
    seen.set(ticketId, `${seen.get(ticketId) ?? ''}${event as string}`);
    return { kind: 'done' };
  };
  await running.run(deliver);
  await done.promise;
  await running.close();
  const wrong = (prefix: string, order: string) =>
    [...seen].filter(([ticketId, events]) => ticketId.startsWith(prefix) && events !== order)
      .length;
  return { inOneTransaction: wrong('T-', 'ABC'), behindALock: wrong('Q-', 'AB') };
}

/** Two transactions of one ticket: the second begins before the first has made its change. */
async function queueUp(
  pool: pg.Pool,
  ticketId: string,
  accept: (tx: pg.PoolClient, ticketId: string, event: string) => Promise<string>,
): Promise<void> {
  await pool.query('insert into order_ticket values ($1)', [ticketId]);
  const isLocked = Promise.withResolvers<void>();
  const hasBegun = Promise.withResolvers<void>();
  const lock = (tx: pg.PoolClient) =>
    tx.query('select 1 from order_ticket where id = $1 for update', [ticketId]);
  await Promise.all([
    transaction(pool, async (tx) => {
      await lock(tx);
      isLocked.resolve();
      await hasBegun.promise;
      await accept(tx, ticketId, 'A');
    }),
    isLocked.promise.then(() =>
      transaction(pool, async (tx) => {
        await tx.query('select now()');
        hasBegun.resolve();
        await lock(tx);
        await accept(tx, ticketId, 'B');
      }),
    ),
  ]);
}

async function transaction(
  pool: pg.Pool,
  work: (tx: pg.PoolClient) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query('commit');
  } finally {
    client.release();
  }
}
