import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox } from '../../src/index.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';

let server: PostgresServer;
let pool: pg.Pool;
let schema = '';
let made = 0;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 10);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});
beforeEach(async () => {
  schema = `tidy_${(made += 1)}`;
  await (await createPostgresOutbox({ pool, schema })).close();
});

const tidy = () => pool.query(`select ${schema}.outbox_tidy('{"keepMs": 1}')`);

/** All that a tidy looks at, of one ticket, key and worker, nothing having happened for years. */
async function addOld(): Promise<void> {
  const old = `now() - interval '10 years'`;
  await pool.query(`
    insert into ${schema}.outbox_lane (lane, key, since) values ('key/T', 'key', ${old});
    insert into ${schema}.outbox_gate (lane, passed_at) values ('key/T', ${old});
    insert into ${schema}.outbox_slot (key, slot, free_at, token) values ('key', 1, ${old}, 1);
    insert into ${schema}.outbox_circuit (key, fault_at) values ('key', ${old});
    insert into ${schema}.outbox_worker
      (id, host, pid, lock, session, capacity, entered_at, seen_at, dead_at)
    values ('${randomUUID()}', 'test', 1, 1, false, 1, ${old}, ${old}, ${old})`);
}

async function rowsLeft(): Promise<Record<string, number>> {
  const tables = ['lane', 'gate', 'slot', 'circuit', 'worker'];
  const counts = tables.map(
    (table) => `(select count(*) from ${schema}.outbox_${table})::int as ${table}`,
  );
  const { rows } = await pool.query<Record<string, number>>(`select ${counts.join(', ')}`);
  return rows[0] ?? {};
}

test('what nobody needs any more is deleted', async () => {
  await addOld();
  expect(await rowsLeft()).toEqual({ lane: 1, gate: 1, slot: 1, circuit: 1, worker: 1 });
  await tidy();
  expect(await rowsLeft()).toEqual({ lane: 0, gate: 0, slot: 0, circuit: 0, worker: 0 });
});

test('the gate of a ticket stays while the time of a change of it is to come', async () => {
  await addOld();
  await pool.query(`insert into ${schema}.outbox_change
    (id, lane, priority, change, accepted_at, due_at)
    values ('${randomUUID()}', 'key/T', 0, '{}', now(), now() + interval '7 days')`);
  await tidy();
  expect(await rowsLeft()).toMatchObject({ gate: 1 });
});

test('nothing waits for the dispatch lock where nothing is to be deleted under it', async () => {
  const dispatcher = await pool.connect();
  await dispatcher.query('begin');
  await dispatcher.query(`select ${schema}.outbox_lock()`);
  expect((await tidy()).rowCount).toBe(1);
  await dispatcher.query('rollback');
  dispatcher.release();
});

test('what is in use again, once the lock is there, stays', async () => {
  await addOld();
  const dispatcher = await pool.connect();
  await dispatcher.query('begin');
  await dispatcher.query(`select ${schema}.outbox_lock()`);
  await dispatcher.query(`
    update ${schema}.outbox_lane set since = now();
    update ${schema}.outbox_slot set free_at = now();
    update ${schema}.outbox_circuit set fault_at = now()`);
  // By the server itself, as soon as somebody waits: that may wait for two seconds only.
  const committed = dispatcher.query(`
    do $$ begin
      while not exists (select from pg_locks where not granted) loop
        perform pg_sleep(0.01);
      end loop;
    end $$;
    commit`);
  await tidy();
  await committed;
  dispatcher.release();
  expect(await rowsLeft()).toEqual({ lane: 1, gate: 0, slot: 1, circuit: 1, worker: 0 });
});
