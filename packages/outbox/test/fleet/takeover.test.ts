import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox, FencedError, type DeliveryJob } from '../../src/index.ts';
import { databaseOf, type Session } from '../../src/sql/database.ts';
import { sharesBackends } from '../../src/sql/liveness.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { poolerOf, type Pooler } from '../support/pooler.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { change, delivering, ended, trialOf } from '../support/trial.ts';

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 30);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const open = () => trialOf((onEvent) => createPostgresOutbox({ pool, pace: 'burst', onEvent }));

/** What the others do to a worker that has been silent for too long. */
const giveUpAll = (secondsAgo = 0) =>
  pool.query(
    `update ticket_outbox.outbox_worker set dead_at = clock_timestamp(), is_gone = true,
      held_until = clock_timestamp() - ${secondsAgo} * interval '1 second'
    where dead_at is null;
    select ticket_outbox.outbox_give_back('{}')`,
  );

describe('a worker that was given up while it was stopped', () => {
  beforeEach(async () => {
    const { outbox } = await open();
    await outbox.close();
    await pool.query(emptyTables());
  });

  test('sends nothing when it wakes', async () => {
    const { outbox, until } = await open();
    const wakes = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<DeliveryJob>();
    let sent = 0;
    await outbox.accept(change('TICKET-1'));
    await outbox.run(async (delivery) => {
      // The second time it is in doubt: the first may have sent something.
      if (delivery.doubt === undefined) {
        stopped.resolve(delivery);
        await wakes.promise;
      }
      const lease = await delivery.rateLimiter.acquire(delivery.key, 'TICKET-1');
      sent += 1;
      lease.release({ kind: 'answered' });
      return { kind: 'done' };
    });
    await stopped.promise;
    await giveUpAll();
    await until(ended('done'));
    wakes.resolve();
    await until(({ type }) => type === 'fenced');
    expect(sent).toBe(1);
    await outbox.close();
  });

  test('leaves a change that is read and sent at once, when nothing of it can be under way', async () => {
    const dying = await open();
    const begun = Promise.withResolvers<void>();
    const wakes = Promise.withResolvers<void>();
    await dying.outbox.accept(change('TICKET-1'));
    await dying.outbox.run(async () => {
      begun.resolve();
      await wakes.promise;
      return { kind: 'done' };
    });
    await begun.promise;
    const closing = dying.outbox.close();
    await giveUpAll(10);

    const { outbox, until } = await open();
    const granted: string[] = [];
    for (let step = 2; step < 100; step += 1) await outbox.accept(change(`TICKET-${step}`));
    await outbox.run(async ({ rateLimiter, key, change: { ticketId }, doubt }) => {
      for (const name of doubt === undefined ? [ticketId] : ['read', 'send']) {
        const lease = await rateLimiter.acquire(key, ticketId);
        granted.push(name);
        lease.release({ kind: 'answered' });
      }
      return { kind: 'done' };
    });
    await until(ended('done'), 99);
    // All that the budget of the first seconds holds.
    expect(granted.slice(0, 50)).toEqual(expect.arrayContaining(['read', 'send']));
    wakes.resolve();
    await Promise.all([outbox.close(), closing]);
  });

  test('does not write an end over the one of its successor', async () => {
    const { outbox, until, events } = await open();
    const wakes = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    await outbox.accept(change('TICKET-1'));
    await outbox.run(async ({ doubt }) => {
      if (doubt !== undefined) return { kind: 'done' };
      begun.resolve();
      await wakes.promise;
      return { kind: 'dead', reason: 'an answer from long ago' };
    });
    await begun.promise;
    await giveUpAll();
    await until(ended('done'));
    wakes.resolve();
    await until(({ type }) => type === 'fenced');
    expect(events.filter(ended('dead'))).toEqual([]);
    expect(await outbox.inspect.dead()).toEqual([]);
    await outbox.close();
  });

  test('is told so right before it would send', async () => {
    const { outbox, until } = await open();
    const held = Promise.withResolvers<unknown>();
    await outbox.accept(change('TICKET-1'));
    await outbox.run(async ({ ensureHeld, doubt }) => {
      if (doubt !== undefined) return { kind: 'done' };
      await ensureHeld();
      await giveUpAll();
      // Until its permit has run out nobody else can have taken the change over.
      await new Promise((resolve) => setTimeout(resolve, 2000));
      held.resolve(await ensureHeld().catch((error: unknown) => error));
      return { kind: 'done' };
    });
    expect(await held.promise).toBeInstanceOf(FencedError);
    await until(ended('done'));
    await outbox.close();
  });
});

test('several processes may be the first at once', async () => {
  const opened = await Promise.all(
    [1, 2, 3, 4].map(() => createPostgresOutbox({ pool, schema: 'first_at_once' })),
  );
  await opened[0]?.accept(change('TICKET-1'));
  expect(await opened[3]?.inspect.depth()).toMatchObject({ waiting: 1 });
  await Promise.all(opened.map((outbox) => outbox.close()));
});

test('a process that joins does not lock the others out', async () => {
  const { outbox } = await open();
  const client = await pool.connect();
  await client.query('begin');
  // Holds what every delivery holds for a moment.
  await outbox.accept(change('TICKET-1'), { tx: client });
  const joined = await createPostgresOutbox({ pool });
  await client.query('rollback');
  client.release();
  expect(await joined.inspect.depth()).toMatchObject({ waiting: 0 });
  await Promise.all([outbox.close(), joined.close()]);
});

test('a role that must not install is told what is missing', async () => {
  await expect(
    createPostgresOutbox({ pool, schema: 'not_there', install: 'never' }),
  ).rejects.toThrow(/no outbox in the schema not_there .* ticket-lifecycle outbox install/);
});

test('two workers share the changes, and each goes to one of them', async () => {
  const [one, two] = [await open(), await open()];
  const seen: string[] = [];
  const deliver = delivering(({ change: { ticketId } }) => {
    seen.push(ticketId);
    return { kind: 'done' };
  });
  for (let index = 0; index < 20; index += 1) await one.outbox.accept(change(`TICKET-${index}`));
  await Promise.all([one.outbox.run(deliver), two.outbox.run(deliver)]);
  const all = Promise.withResolvers<void>();
  const count = () => one.events.filter(ended()).length + two.events.filter(ended()).length;
  const timer = setInterval(() => count() === 20 && all.resolve(), 10);
  await all.promise;
  clearInterval(timer);
  expect(new Set(seen).size).toBe(20);
  expect(seen).toHaveLength(20);
  await Promise.all([one.outbox.close(), two.outbox.close()]);
});

describe('a pooler that hands out connections by transaction', () => {
  test('is found out by two clients that are one process of the database', async () => {
    const client = await pool.connect();
    const shared: Session = {
      query: async <Row>(text: string) => (await client.query(text)).rows as Row[],
      onNotification: () => {},
      onEnd: () => {},
      close: () => {},
    };
    expect(await sharesBackends(async () => shared)).toBe(true);
    client.release();
  });

  test('is not suspected where each client has its own', async () => {
    const { session } = databaseOf(pool);
    expect(session !== undefined && (await sharesBackends(session))).toBe(false);
  });

  test('leaves the heartbeat: a worker that falls silent is found, and what it held is in doubt', async () => {
    const connections = poolOf(server.url, 6);
    const openPooled = (pooler: Pooler) =>
      trialOf((onEvent) => createPostgresOutbox({ pool: pooler, schema: 'pooled', onEvent }));
    const silenced = poolerOf(connections);
    const silent = await openPooled(silenced);
    expect(silent.outbox.capabilities.liveness).toBe('heartbeat');
    expect(silent.events.map(({ type }) => type)).toEqual(['degraded']);

    const begun = Promise.withResolvers<void>();
    const wakes = Promise.withResolvers<void>();
    await silent.outbox.accept(change('TICKET-1'));
    await silent.outbox.run(async () => {
      begun.resolve();
      await wakes.promise;
      return { kind: 'done' };
    });
    await begun.promise;
    silenced.cut(true);

    const other = await openPooled(poolerOf(connections));
    const doubts: boolean[] = [];
    await other.outbox.run(async ({ doubt }) => {
      doubts.push(doubt !== undefined);
      return { kind: 'done' };
    });
    await other.until(ended('done'));
    expect(doubts).toEqual([true]);
    expect(other.events).toContainEqual(expect.objectContaining({ type: 'recovered', changes: 1 }));

    silenced.cut(false);
    wakes.resolve();
    await silent.until(({ type }) => type === 'fenced');
    await Promise.all([silent.outbox.close(), other.outbox.close()]);
    await connections.end();
  });
});
