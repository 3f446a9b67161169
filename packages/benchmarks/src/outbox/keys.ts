import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresOutbox } from '@ticket-lifecycle/outbox';
import type pg from 'pg';
import { ticketsOf } from '../../../outbox/test/support/fleet.ts';
import type { Ground } from './run.ts';
import { withFleet } from './with-fleet.ts';

const keyCount = 1000;
const perKey = 6;
const leastSeconds = 2;

/** Deliveries per second of four processes, over a thousand keys, on this machine. */
export function measureManyKeys(
  ground: Pick<Ground, 'pool' | 'database'>,
  schema: string,
): Promise<number> {
  const tickets = ticketsOf(keyCount * perKey);
  const keyOf = (ticketId: string) => `key-${Number(ticketId.split('-')[1]) % keyCount}`;
  const start = { schema, tickets, backlog: tickets, keyOf };
  return withFleet(ground, start, async ({ outbox, sandbox }) => {
    for (let left = Infinity; left > 0;) {
      await sleep(500);
      const { waiting, underWay, retrying } = await outbox.inspect.depth();
      left = waiting + underWay + retrying;
    }
    const writes = await sandbox.writes();
    // From when all four are there to when the first runs out of work.
    const from = (writes[0]?.at ?? 0) + 1000;
    const to = (writes.at(-1)?.at ?? 0) - 500;
    const counted = writes.filter(({ at }) => at >= from && at < to).length;
    return to - from < leastSeconds * 1000 ? 0 : (counted * 1000) / (to - from);
  });
}

/** Milliseconds of the database's time for one delivery, with few and with many waiting. */
export async function measureBacklogCost(pool: pg.Pool): Promise<{ few: number; many: number }> {
  return { few: await costAt(pool, 1000), many: await costAt(pool, 100_000) };
}

const measured = 500;

async function costAt(pool: pg.Pool, backlog: number): Promise<number> {
  const schema = `backlog_${backlog}`;
  const done = Promise.withResolvers<void>();
  let left = measured;
  const outbox = await createPostgresOutbox({
    pool,
    schema,
    pace: 'burst',
    // No waiting for slots: only the work counts.
    requestsPerSecond: 200,
    onEvent: ({ type }) => type === 'ended' && (left -= 1) === 0 && done.resolve(),
  });
  await outbox.accept({ ticketId: 'T-0', event: 'START', staffUserId: 7 });
  // Accepting one by one is not what is measured, so the others are copies of the first.
  await pool.query(
    `with copies as (
      insert into ${schema}.outbox_change (id, lane, position, priority, change, accepted_at)
      select gen_random_uuid(), 'default/T-' || n, nextval('${schema}.outbox_position'), c.priority,
        c.change || jsonb_build_object('ticketId', 'T-' || n), c.accepted_at
      from ${schema}.outbox_change c, generate_series(1, $1::int - 1) n
      returning position, lane
    )
    insert into ${schema}.outbox_arrival (position, lane) select position, lane from copies`,
    [backlog],
  );
  const startedAt = performance.now();
  await outbox.run(async () => ({ kind: 'done' }));
  await done.promise;
  const ms = (performance.now() - startedAt) / measured;
  await outbox.close({ drainMs: 1 });
  return ms;
}
