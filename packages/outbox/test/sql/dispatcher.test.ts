import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type pg from 'pg';
import {
  createPostgresOutbox,
  DatabaseBlockedError,
  type Outbox,
  type OutboxOptions,
  type Transaction,
} from '../../src/index.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { change, delivering, ended, trialOf } from '../support/trial.ts';

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 20);
  await (await createPostgresOutbox({ pool })).close();
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});
beforeEach(() => pool.query(emptyTables()));

const opened: Outbox<Transaction>[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((outbox) => outbox.close({ drainMs: 0 })));
});

async function open(options: OutboxOptions = {}) {
  const place = { pool, pace: 'burst', timeoutMs: 1000, ...options } as const;
  const trial = await trialOf((onEvent) => createPostgresOutbox({ ...place, onEvent }));
  opened.push(trial.outbox);
  return trial;
}

const isOther = (event: {
  readonly type: string;
  readonly change?: { readonly ticketId: string };
}) => event.type === 'ended' && event.change?.ticketId === 'OTHER';

describe('a deep queue of one ticket keeps no other ticket of its key waiting', () => {
  const depth = 2000;
  test.each([
    ['its first change is dead', () => ({ kind: 'dead', reason: 'no way' }) as const],
    ['its first change is unknown', () => ({ kind: 'unknown', reason: 'no answer' }) as const],
    [
      'its first change is tried again and again',
      () => ({ kind: 'retry', reason: 'no', delayMs: 60_000 }) as const,
    ],
    ['its first change is under way', () => new Promise<never>(() => {})],
  ])('%s', async (_, end) => {
    const { outbox, until } = await open();
    await outbox.acceptMany(Array.from({ length: depth }, () => ({ change: change('DEEP') })));
    const begun = Promise.withResolvers<void>();
    await outbox.run(
      delivering(({ change: { ticketId } }) => {
        if (ticketId === 'OTHER') return { kind: 'done' };
        begun.resolve();
        return end();
      }),
    );
    await begun.promise;
    await outbox.accept(change('OTHER'));
    await until(isOther);
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: depth - 1 });
  });

  test('a thousand timers that come due together', async () => {
    const { outbox, until } = await open();
    const notBefore = new Date(Date.now() + 300);
    await outbox.acceptMany(
      Array.from({ length: 1000 }, () => ({ change: change('DEEP'), notBefore })),
    );
    await outbox.accept(change('OTHER'), { notBefore });
    await outbox.run(
      delivering(({ change: { ticketId } }) =>
        ticketId === 'OTHER' ? { kind: 'done' } : { kind: 'dead', reason: 'no way' },
      ),
    );
    expect(await until(isOther)).toHaveLength(1);
  });
});

describe('keys that were never served', () => {
  test('are served side by side, by several workers that were idle before', async () => {
    const trials = [await open(), await open(), await open()];
    await Promise.all(trials.map(({ outbox }) => outbox.run(delivering())));
    const keys = Array.from({ length: 150 }, (_, at) => `new-${at}`);
    await trials[0]?.outbox.acceptMany(
      keys.map((key) => ({ change: change('T-1', 'START', { key }) })),
    );
    const count = () =>
      trials.reduce((sum, { events }) => sum + events.filter(ended('done')).length, 0);
    const all = Promise.withResolvers<void>();
    const timer = setInterval(() => count() === 150 && all.resolve(), 10);
    await all.promise;
    clearInterval(timer);
    // Where all plan their first statements at once, one may have waited for too long: it asks again.
    const errors = trials
      .flatMap(({ events }) => events)
      .filter(
        (event) => event.type === 'error' && (event.error as pg.DatabaseError).code !== '55P03',
      );
    expect(errors).toEqual([]);
  });
});

describe('a row that somebody has locked by hand', () => {
  const rows = {
    'the slots of a key': `select from ticket_outbox.outbox_slot where key = 'locked' for update`,
    'the budget of a key': `select from ticket_outbox.outbox_budget where key = 'locked' for update`,
    'the lane of a ticket': `select from ticket_outbox.outbox_lane where key = 'locked' for update`,
    'a change that waits': `select from ticket_outbox.outbox_change where lane like 'locked/%' for update`,
  };
  test.each(Object.entries(rows))('keeps itself waiting, and is named: %s', async (_, lock) => {
    const { outbox, until, events } = await open();
    await outbox.run(delivering());
    await outbox.accept(change('T-1', 'START', { key: 'locked' }));
    await until(ended('done'));
    const client = await pool.connect();
    await client.query('set application_name = somebody');
    await outbox.accept(change('T-0', 'START', { key: 'locked' }), {
      notBefore: new Date(Date.now() + 60_000),
    });
    await client.query('begin');
    await client.query(lock);

    await outbox.acceptMany([
      ...[1, 2].map((at) => ({ change: change(`T-${at}`, 'RESOLVE', { key: 'locked' }) })),
      ...[1, 2, 3].map((at) => ({ change: change(`T-${at}`, 'START', { key: 'free' }) })),
    ]);
    await until((event) => event.type === 'ended' && event.change.key === 'free', 3);
    await client.query('commit');
    client.release(true);
    await until((event) => event.type === 'ended' && event.change.key === 'locked', 3);
    expect(events.filter(ended('unknown'))).toEqual([]);
  });

  test('an end that it delays is written down later, and the others at once', async () => {
    const { outbox, until, events } = await open();
    const begun = Promise.withResolvers<void>();
    const ends = Promise.withResolvers<void>();
    const held = await outbox.accept(change('HELD'));
    await outbox.run(
      delivering(async ({ change: { ticketId } }) => {
        if (ticketId === 'HELD') {
          begun.resolve();
          await ends.promise;
        }
        return { kind: 'done' };
      }),
    );
    await begun.promise;
    const client = await pool.connect();
    await client.query('begin');
    await client.query('select from ticket_outbox.outbox_lane for update');
    // So that it counts as one that holds others up.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    ends.resolve();
    await outbox.accept(change('OTHER'));
    await until(isOther);
    const [blocked] = await until(({ type }) => type === 'error');
    expect(blocked?.type === 'error' && DatabaseBlockedError.is(blocked.error)).toBe(true);
    expect(await outbox.inspect.change(held)).toMatchObject({ kind: 'underWay' });
    await client.query('commit');
    client.release();
    await until(ended('done'), 2);
    expect(events.filter(({ type }) => type === 'fenced')).toEqual([]);
  });

  test('the dispatch lock is not waited for without an end', async () => {
    const { outbox, until } = await open();
    await outbox.run(delivering());
    const client = await pool.connect();
    await client.query('begin');
    await client.query(
      `select pg_advisory_xact_lock(hashtextextended('ticket_outbox/dispatch', 0))`,
    );
    await outbox.accept(change('T-1'));
    const named = ({ type, error }: { readonly type: string; readonly error?: unknown }) =>
      type === 'error' && DatabaseBlockedError.is(error);
    const [told] = await until(named);
    const held = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    expect(told).toMatchObject({ error: { pid: held.rows[0]?.pid } });
    await client.query('rollback');
    client.release();
    await until(ended('done'));
  });
});

describe('the clock of the database', () => {
  test('may be set back: no key is silent until it is there again', async () => {
    const { outbox, until } = await open();
    await outbox.run(delivering());
    await outbox.acceptMany(Array.from({ length: 30 }, (_, at) => ({ change: change(`T-${at}`) })));
    await until(ended('done'), 30);
    // Set back by an hour, as seen from all that was stored before. A clock steps at one moment: a
    // claim that has begun must not write its own time over one of these rows.
    await pool.query(`
      select pg_advisory_xact_lock(hashtextextended('ticket_outbox/dispatch', 0));
      update ticket_outbox.outbox_worker set seen_at = seen_at + interval '1 hour';
      update ticket_outbox.outbox_slot set free_at = free_at + interval '1 hour';
      update ticket_outbox.outbox_budget set next_at = next_at + interval '1 hour',
        paused_until = paused_until + interval '1 hour', kept_until = kept_until + interval '1 hour'`);
    await outbox.acceptMany(Array.from({ length: 30 }, (_, at) => ({ change: change(`U-${at}`) })));
    await until(ended('done'), 60);
    const { rows } = await pool.query<{ ahead: boolean }>(
      `select max(free_at) > clock_timestamp() + interval '1 minute' as ahead from ticket_outbox.outbox_slot`,
    );
    expect(rows).toEqual([{ ahead: false }]);
  });
});

describe('what is of no use any more is deleted', () => {
  const tidy = (keepMs: number) =>
    pool.query('select ticket_outbox.outbox_tidy($1::jsonb)', [{ keepMs }]);
  const count = async (table: string) =>
    (await pool.query<{ count: number }>(`select count(*)::int from ticket_outbox.outbox_${table}`))
      .rows[0]?.count;

  test('changes some time after their end, and none that waits, is dead or has its time to come', async () => {
    const { outbox, until } = await open();
    const kept = [
      await outbox.accept(change('DEAD')),
      await outbox.accept(change('DEAD', 'BEHIND')),
      await outbox.accept(change('LATER'), { notBefore: new Date(Date.now() + 60_000) }),
    ];
    const done = await outbox.accept(change('DONE'));
    const cancelled = await outbox.accept(change('CANCELLED'));
    await outbox.cancel(cancelled);
    await outbox.run(
      delivering(({ change: { ticketId } }) =>
        ticketId === 'DEAD' ? { kind: 'dead', reason: 'no way' } : { kind: 'done', state: 'open' },
      ),
    );
    await until(ended('dead'));
    await until(ended('done'));
    await tidy(60_000);
    expect(await count('change')).toBe(5);
    await tidy(0);
    expect(await count('change')).toBe(3);
    for (const id of kept) expect(await outbox.inspect.change(id)).toMatchObject({ id });
    for (const id of [done, cancelled]) expect(await outbox.inspect.change(id)).toBeUndefined();
    // What is known of the ticket stays.
    expect(await count('lane')).toBe(2);
  });

  test('tickets that nobody has changed for more than a year, and gates after an hour', async () => {
    const { outbox, until } = await open();
    await outbox.acceptMany(
      ['OLD', 'NEW', 'WAITS'].map((ticketId) => ({ change: change(ticketId) })),
    );
    await outbox.run(
      delivering(({ change: { ticketId } }) =>
        ticketId === 'WAITS'
          ? { kind: 'retry', reason: 'no', delayMs: 60_000 }
          : { kind: 'done', state: 'open' },
      ),
    );
    await until(ended(), 3);
    await pool.query(`update ticket_outbox.outbox_lane set since = now() - interval '500 days'
      where lane <> 'default/NEW'; update ticket_outbox.outbox_gate set passed_at = now() - interval '2 hours'`);
    await tidy(60_000);
    const { rows } = await pool.query('select lane from ticket_outbox.outbox_lane order by 1');
    expect(rows).toEqual([{ lane: 'default/NEW' }, { lane: 'default/WAITS' }]);
    expect(await count('gate')).toBe(0);
  });

  test('a key has as many slots as it needed at a time, and none while it sends nothing', async () => {
    const { outbox, until } = await open({ requestsPerSecond: 10_000 });
    await outbox.acceptMany(Array.from({ length: 3 }, (_, at) => ({ change: change(`T-${at}`) })));
    await outbox.run(delivering());
    await until(ended('done'), 3);
    expect(await count('slot')).toBeLessThanOrEqual(6);
    await pool.query(`update ticket_outbox.outbox_slot set free_at = now() - interval '1 hour'`);
    await tidy(60_000);
    expect(await count('slot')).toBe(0);
    await outbox.accept(change('T-9'));
    await until(ended('done'), 4);
  });
});

test('a small worker beside a large one does not hold it back', async () => {
  const gate = Promise.withResolvers<void>();
  const busy = { large: 0, small: 0 };
  const large = await open({ concurrency: 60 });
  const small = await open({ concurrency: 1 });
  await large.outbox.acceptMany(
    Array.from({ length: 60 }, (_, at) => ({
      change: change('T-1', 'START', { key: `key-${at}` }),
    })),
  );
  const counting = (who: keyof typeof busy) => async () => {
    busy[who] += 1;
    if (busy.large + busy.small === 60) gate.resolve();
    await gate.promise;
    return { kind: 'done' } as const;
  };
  await Promise.all([large.outbox.run(counting('large')), small.outbox.run(counting('small'))]);
  await gate.promise;
  expect(busy.large).toBeGreaterThanOrEqual(55);
});

describe('a call reads what it is about, and no table whole', () => {
  const idle = 20_000;
  const blocksOf = async (client: pg.PoolClient, call: string, input: object) => {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
      `explain (analyze, buffers, format json) select ticket_outbox.outbox_${call}($1)`,
      [input],
    );
    const plan = rows[0]?.['QUERY PLAN'][0].Plan ?? {};
    return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
  };

  test('also with plans that were made while the tables were small', async () => {
    const client = await pool.connect();
    const worker = randomUUID();
    const id = randomUUID();
    const enter = { id: worker, host: 'test', pid: 1, lock: 1, session: false, capacity: 10 };
    const sizes = {
      gapMs: 0,
      horizonMs: 60,
      holdMs: 6000,
      slots: 25,
      timeoutMs: 2000,
      gatherMs: 0,
    };
    const claim = { worker, most: 10, held: [], number: 1, ...sizes };
    const end = { life: worker, id, fence: 1, kind: 'done', doubt: 'none' };
    const calls = [
      ['claim', claim],
      ['end_claims', { ends: [end], releases: [] }],
      ['take_slots', { wants: { default: 1 }, ...sizes }],
      ['sweep', { worker }],
    ] as const;
    await client.query('select ticket_outbox.outbox_enter($1)', [enter]);
    for (const [name, input] of calls) await blocksOf(client, name, input);
    await client.query(
      `with made as (
        insert into ticket_outbox.outbox_change
          (id, lane, position, priority, change, accepted_at, kind, ended_at)
        select gen_random_uuid(), 'default/O-' || n, nextval('ticket_outbox.outbox_position'), 0,
          '{}', now(), 'done', now() from generate_series(1, $1) n
        returning lane
      )
      insert into ticket_outbox.outbox_lane (lane, key) select lane, 'default' from made`,
      [idle],
    );
    const changes = [{ id, lane: 'default/T-1', change: change('T-1'), priority: 0 }];
    await client.query('select ticket_outbox.outbox_accept($1)', [{ changes }]);
    const blocks: Record<string, number> = {};
    for (const [name, input] of calls) blocks[name] = await blocksOf(client, name, input);
    client.release();
    expect(Object.entries(blocks).filter(([, count]) => count >= 1000)).toEqual([]);
  });
});

test('a worker that starts while others keep the dispatcher busy starts none the less', async () => {
  const { outbox, until } = await open();
  const client = await pool.connect();
  await client.query('begin');
  await client.query(`select pg_advisory_xact_lock(hashtextextended('ticket_outbox/dispatch', 0))`);
  // Longer than it waits for that lock.
  await outbox.run(delivering());
  await client.query('commit');
  client.release();
  await outbox.accept(change('T-1'));
  expect(await until(ended('done'))).toHaveLength(1);
});
