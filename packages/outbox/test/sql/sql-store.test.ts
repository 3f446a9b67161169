import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import pg from 'pg';
import { checkChange } from '../../src/model/change.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { graceMs } from '../../src/worker/permit.ts';
import { openPgliteStore, openPostgresStore } from '../support/sql-stores.ts';
import { endsContract } from '../support/ends-contract.ts';
import { storeContract } from '../support/store-contract.ts';
import { createPostgresOutbox } from '../../src/index.ts';
import { eventually } from '../support/fleet.ts';
import { change, delivering } from '../support/trial.ts';

let server: PostgresServer;
let pool: pg.Pool;
let pglite: PGlite;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 10);
  pglite = await PGlite.create();
});
afterAll(async () => {
  await pglite.close();
  await pool.end();
  await server.stop();
});

storeContract('on Postgres', () => openPostgresStore(pool, 'ticket_outbox'));
storeContract('on PGlite', () => openPgliteStore(pglite, 'ticket_outbox'));
endsContract('on Postgres', () => openPostgresStore(pool, 'ticket_outbox'));
endsContract('on PGlite', () => openPgliteStore(pglite, 'ticket_outbox'));

test('a change that waits or is under way for more than a minute does not go on', async () => {
  const store = await openPgliteStore(pglite, 'ticket_outbox');
  const life = await store.enter();
  for (const ticket of ['TICKET-1', 'TICKET-2']) {
    await store.accept([{ id: timeOrderedId(), change: checkChange(change(ticket)) }]);
  }
  let taken = 0;
  for (let number = 1; taken === 0; number += 1) {
    taken = (await store.claim(life, { number, most: 1, held: [] })).jobs.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const older = (seconds: number) =>
    pglite.query(`update ticket_outbox.outbox_lane set since = since - $1 * interval '1 second'`, [
      seconds,
    ]);
  await older(50);
  expect(await store.inspect.blocked()).toEqual([]);
  await older(11);
  const blocked = await store.inspect.blocked();
  expect(blocked.map(({ kind }) => kind).toSorted()).toEqual(['underWay', 'waiting']);
  expect(blocked.every(({ since }) => since instanceof Date)).toBe(true);
  await store.close();
});

test('a sweep tells when another worker can be dead, and nothing where there is none', async () => {
  const one = await openPostgresStore(pool, 'ticket_outbox');
  const other = await openPostgresStore(pool, 'ticket_outbox');
  const life = await one.enter();
  expect(await one.sweep(life)).toEqual({ dead: [], nextInMs: null });
  const { id } = await other.enter();
  const seenBefore = (age: string) =>
    pool.query(
      `update ticket_outbox.outbox_worker set seen_at = clock_timestamp() - $2::interval
      where id = $1`,
      [id, age],
    );
  await seenBefore('0 s');
  const { nextInMs } = await one.sweep(life);
  expect(nextInMs).toBeGreaterThan(0);
  expect(nextInMs).toBeLessThanOrEqual(graceMs);
  // It is silent, and its session is there: it may be dead any moment.
  await seenBefore('2 s');
  expect(await one.sweep(life)).toEqual({ dead: [], nextInMs: 0 });
  await Promise.all([one.close(), other.close()]);
});

test('a sweep that is never answered holds up none for long, and one that is slow is not doubled', async () => {
  const asked: number[] = [];
  const hanging: Pick<PGlite, 'query' | 'transaction'> = {
    query: ((text: string, values: unknown[]) => {
      if (!text.startsWith('select ticket_outbox.outbox_sweep(')) return pglite.query(text, values);
      return asked.push(performance.now()) === 1
        ? new Promise(() => {})
        : pglite.query(text, values);
    }) as PGlite['query'],
    transaction: pglite.transaction.bind(pglite),
  };
  const store = await openPgliteStore(hanging as PGlite, 'ticket_outbox');
  const life = await store.enter();
  void store.sweep(life);
  const now = vi.spyOn(performance, 'now');
  onTestFinished(() => now.mockRestore());
  const startedAt = performance.now();
  now.mockReturnValue(startedAt + 29_000);
  expect(await store.sweep(life)).toEqual({ dead: [], nextInMs: 0 });
  expect(asked).toHaveLength(1);
  now.mockReturnValue(startedAt + 31_000);
  expect(await store.sweep(life)).toEqual({ dead: [], nextInMs: null });
  expect(await store.sweep(life)).toEqual({ dead: [], nextInMs: null });
  expect(asked).toHaveLength(3);
  now.mockRestore();
  await store.close();
});

test('a session that ended with a restart of the server does not tell that its worker is gone', async ({
  skip,
}) => {
  const { restart } = server;
  if (restart === undefined) return skip('The server of DATABASE_URL is not ours to restart.');
  const one = await openPostgresStore(pool, 'ticket_outbox');
  const other = await openPostgresStore(pool, 'ticket_outbox');
  const { id } = await other.enter();
  await other.close();
  await restart();
  await pool.query(
    `update ticket_outbox.outbox_worker
    set seen_at = least(clock_timestamp() - interval '4 s', pg_postmaster_start_time() - interval '1 s')
    where id = $1`,
    [id],
  );
  const life = await one.enter();
  expect((await one.sweep(life)).dead).toEqual([{ worker: id, changes: 0 }]);
  // Its slots rest until their time is over: the process may be paused, and send when it wakes.
  const { rows } = await pool.query(
    `select is_gone from ticket_outbox.outbox_worker where id = $1`,
    [id],
  );
  expect(rows).toEqual([{ is_gone: false }]);
  await one.close();
});

test('idle workers ask the database about five times for each look for work', async () => {
  let claims = 0;
  let statements = 0;
  class CountingClient extends pg.Client {
    override query(...args: unknown[]): never {
      statements += 1;
      if (String(args[0]).includes('outbox_claim(')) claims += 1;
      return (super.query.bind(this) as (...args: unknown[]) => unknown)(...args) as never;
    }
  }
  const counted = new pg.Pool({ connectionString: server.url, max: 8, Client: CountingClient });
  const workers = await Promise.all(
    [1, 2].map(() => createPostgresOutbox({ pool: counted, schema: 'idle' })),
  );
  for (const outbox of workers) await outbox.run(delivering());
  claims = statements = 0;
  await eventually(async () => claims >= 8);
  expect(statements / claims).toBeLessThan(6);
  await Promise.all(workers.map((outbox) => outbox.close()));
  await counted.end();
});

test('what has ended is deleted as fast as it comes, in parts', async () => {
  const schema = 'tidied';
  const outbox = await createPostgresOutbox({ pool, schema, keepEndedMs: 1 });
  await outbox.accept(change('T-0'));
  await pool.query(
    `insert into ${schema}.outbox_change
      (id, lane, position, priority, change, accepted_at, kind, ended_at)
    select gen_random_uuid(), 'default/T-' || n, nextval('${schema}.outbox_position'), 0, c.change,
      c.accepted_at - interval '1 hour', 'done', c.accepted_at
    from ${schema}.outbox_change c, generate_series(1, 12000) n`,
  );
  const tidy = async () => {
    const { rows } = await pool.query<{ tidied: { readonly isMore: boolean } }>(
      `select ${schema}.outbox_tidy('{"keepMs": 1}') as tidied`,
    );
    return rows[0]?.tidied.isMore;
  };
  expect([await tidy(), await tidy(), await tidy()]).toEqual([true, true, false]);
  await outbox.close();
});
