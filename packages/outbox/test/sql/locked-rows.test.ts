import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type pg from 'pg';
import { checkChange } from '../../src/model/change.ts';
import type { ClaimEnd, Claimed, Life } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { openPostgresStore } from '../support/sql-stores.ts';
import { change } from '../support/trial.ts';

/*
 * What a transaction holds or has not committed keeps that waiting, and nothing else: rows that
 * somebody has locked by hand, and gates of those who accept.
 */

let server: PostgresServer;
let pool: pg.Pool;
let made = 0;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 10);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

async function start() {
  const schema = `locked_${(made += 1)}`;
  const store = await openPostgresStore(pool, schema);
  onTestFinished(() => store.close());
  const life = await store.enter();
  const sql = (text: string) => pool.query(text.replaceAll('@', `${schema}.outbox_`));
  /** A transaction of somebody else, which is open until it is ended. */
  const open = async (text = '') => {
    const client = await pool.connect();
    await client.query(`begin; ${text.replaceAll('@', `${schema}.outbox_`)}`);
    onTestFinished(() => client.release(true));
    return { client, end: (how = 'rollback') => client.query(how) };
  };
  /** Lets the time of changes come, in the order in which they have it. */
  const comeDue = () =>
    sql(`update @change set due_at = due_at - interval '1 hour' where due_at is not null`);
  return { store, life, sql, open, comeDue };
}

const newChange = (ticketId: string, notBefore?: Date) => ({
  id: timeOrderedId(),
  change: checkChange(change(ticketId)),
  notBefore,
});

/** So long after an hour, as long as the test takes. */
const begun = Date.now();
const inMs = (ms: number) => new Date(begun + 3_600_000 + ms);

let number = 0;
async function claim(store: Store<never>, life: Life, held: readonly Claimed[], count = 1) {
  const jobs: Claimed[] = [];
  while (jobs.length < count) {
    const request = { number: (number += 1), most: count, held: [...held, ...jobs] };
    jobs.push(...(await store.claim(life, request)).jobs);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return jobs;
}

const endOf = ({ id: life }: Life, { id, fence }: Claimed): ClaimEnd => ({
  life,
  id,
  fence,
  kind: 'done',
  doubt: 'none',
});

test('a change whose gate was being made as a timer went through comes right behind the timer', async () => {
  const { store, life, sql, open, comeDue } = await start();
  const timer = newChange('TICKET-1', inMs(0));
  await store.accept([timer]);
  await comeDue();
  // As it was deleted an hour after its last use.
  await sql('delete from @gate');
  const [late, next] = [newChange('TICKET-1'), newChange('TICKET-1')];
  const { client, end } = await open();
  await store.accept([late], client as never);
  let [job] = await claim(store, life, []);
  expect(job?.id).toBe(timer.id);
  await end('commit');
  await store.accept([next]);
  await store.claim(life, { number: (number += 1), most: 5, held: job === undefined ? [] : [job] });
  expect(await store.inspect.depth()).toMatchObject({ waiting: 2, underWay: 1 });
  for (const one of [late, next]) {
    if (job !== undefined) await store.end([endOf(life, job)], []);
    [job] = await claim(store, life, []);
    expect(job?.id).toBe(one.id);
  }
});

test('timers whose tickets are being written to keep no others waiting, however many they are', async () => {
  const { store, life, open, comeDue } = await start();
  // More than one call lets in.
  const tickets = Array.from({ length: 250 }, (_, at) => `TICKET-${at}`);
  await store.accept(tickets.map((ticketId) => newChange(ticketId, inMs(0))));
  const other = newChange('OTHER', inMs(1));
  await store.accept([other]);
  await comeDue();
  const { client, end } = await open();
  await store.accept(
    tickets.map((ticketId) => newChange(ticketId)),
    client as never,
  );
  const [job] = await claim(store, life, []);
  expect(job?.id).toBe(other.id);
  await end();
});

test.each([
  ['its slot', 'select from @slot for update'],
  ['the budget of its key', 'select from @budget for update'],
])('a slot whose row is locked is given back later, and ends are written: %s', async (_, lock) => {
  const { store, life, open } = await start();
  await store.accept([newChange('TICKET-1')]);
  const [job] = await claim(store, life, []);
  if (job === undefined) throw new Error('none');
  const [slot] = job.slots;
  if (slot === undefined) throw new Error('none');
  const answer = { kind: 'limited', retryAfterMs: 60_000 } as const;
  const release = {
    key: slot.key,
    slot: slot.slot,
    token: slot.token,
    answer,
    at: performance.now(),
  };
  const { end } = await open(lock);
  const { stands, busySlots } = await store.end([endOf(life, job)], [release]);
  expect([[...stands], [...(busySlots ?? [])]]).toEqual([[job.id], [slot.token]]);
  await end();
  for (let again = 0; again < 2; again += 1) {
    expect((await store.end([], [release])).busySlots?.size).toBe(0);
  }
  // The pause was not lost, and counts once.
  expect(await store.inspect.budgets()).toMatchObject([
    { limited: 1, pausedMs: expect.any(Number) },
  ]);
  expect((await store.inspect.budgets())[0]?.pausedMs).toBeGreaterThan(30_000);
});

test('a change of a dead worker whose row is locked is given back later, and the others at once', async () => {
  const { store, life, open } = await start();
  const changes = [newChange('TICKET-1'), newChange('TICKET-2')];
  await store.accept(changes);
  await claim(store, life, [], 2);
  const other = await store.enter();
  const { end } = await open(`select from @change where id = '${changes[0]?.id}' for update`);
  await store.leave(life);
  expect(await store.inspect.depth()).toMatchObject({ underWay: 1, retrying: 1 });
  await store.sweep(other);
  expect(await store.inspect.depth()).toMatchObject({ underWay: 1, retrying: 1 });
  await end();
  const { dead } = await store.sweep(other);
  expect(dead).toEqual([{ worker: life.id, changes: 1 }]);
  expect(await store.inspect.depth()).toMatchObject({ underWay: 0, retrying: 2 });
});
