import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox } from '../../src/index.ts';
import { change } from '../support/trial.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';

/*
 * What a transaction that stays open does to the dispatcher: Postgres keeps every old version of a row
 * for it. Counted in blocks that a call reads, which depend on no clock.
 */

let server: PostgresServer;
let pool: pg.Pool;
let schema = '';
let dispatcher: pg.PoolClient;
let other: pg.PoolClient;
let made = 0;

beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 20);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});
beforeEach(async () => {
  schema = `open_${(made += 1)}`;
  await (await createPostgresOutbox({ pool, schema })).close();
  dispatcher = await pool.connect();
  other = await pool.connect();
});
afterEach(async () => {
  await other.query('rollback');
  dispatcher.release();
  other.release();
});

const sizes = { gapMs: 0, horizonMs: 60, holdMs: 60_000, slots: 25, timeoutMs: 2000, gatherMs: 0 };

interface Job {
  readonly id: string;
  readonly fence: number;
  readonly change: { readonly ticketId: string };
  readonly slots: readonly { key: string; slot: number; token: number }[];
}

async function call<Result>(name: string, input: object, on = dispatcher): Promise<Result> {
  const { rows } = await on.query<{ result: Result }>(
    `select ${schema}.outbox_${name}($1) as result`,
    [input],
  );
  return rows[0]?.result as Result;
}

async function enter(): Promise<string> {
  const id = randomUUID();
  const where = { host: 'test', pid: 1, lock: 1, session: false };
  await call('enter', { id, ...where, capacity: 100 });
  return id;
}

const accept = (tickets: readonly string[], on = dispatcher) =>
  call(
    'accept',
    {
      changes: tickets.map((ticketId) => {
        const key = `key-${ticketId.length % 5}`;
        const lane = `${key}/${ticketId}`;
        return { id: randomUUID(), lane, priority: 0, change: change(ticketId, 'START', { key }) };
      }),
    },
    on,
  );

const claimOf = (worker: string, most = 5) => ({ worker, most, held: [], number: 1, ...sizes });
const claim = async (worker: string, most?: number) =>
  (await call<{ jobs: Job[] }>('claim', claimOf(worker, most))).jobs;

const endsOf = (worker: string, jobs: readonly Job[], how: object = { kind: 'done' }) => ({
  ends: jobs.map(({ id, fence }) => ({ life: worker, id, fence, doubt: 'none', ...how })),
  releases: jobs.flatMap(({ slots }) =>
    slots.map((slot) => ({ ...slot, ageMs: 0, cooldownMs: 0, pauseMs: 0 })),
  ),
});
const end = (worker: string, jobs: readonly Job[], how?: object) =>
  call('end_claims', endsOf(worker, jobs, how));

/** Delivers so many changes of 40 tickets. */
async function deliver(worker: string, count: number): Promise<void> {
  for (let done = 0; done < count;) {
    await accept([1, 2, 3, 4, 5].map((at) => `${'T'.repeat(at)}-${Math.floor(done / 5) % 8}`));
    // Beside another worker it takes its share at a time.
    for (let jobs = await claim(worker); jobs.length > 0; jobs = await claim(worker)) {
      await end(worker, jobs);
      done += jobs.length;
    }
  }
}

const eras = async () => {
  const { rows } = await pool.query<{ n: string }>(`select n from ${schema}.outbox_era order by n`);
  return rows.map(({ n }) => Number(n));
};

async function blocksOf(name: string, input: object): Promise<number> {
  const { rows } = await dispatcher.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
    `explain (analyze, buffers, format json) select ${schema}.outbox_${name}($1)`,
    [input],
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan ?? {};
  return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
}

/** What is called again and again while changes are delivered. */
interface Blocks {
  readonly claim: number;
  readonly end: number;
}

/** The most that one of some calls reads, taken back so that each finds the same. */
async function mostBlocks(worker: string, count: number): Promise<Blocks> {
  let most: Blocks = { claim: 0, end: 0 };
  for (let done = 0; done < count; done += 25) {
    await deliver(worker, 25);
    await dispatcher.query('begin');
    await accept([1, 2, 3, 4, 5].map((at) => `${'T'.repeat(at)}-0`));
    await dispatcher.query('savepoint accepted');
    const claimed = await blocksOf('claim', claimOf(worker));
    await dispatcher.query('rollback to savepoint accepted');
    const jobs = await claim(worker);
    const read = await blocksOf('end_claims', endsOf(worker, jobs));
    most = { claim: Math.max(most.claim, claimed), end: Math.max(most.end, read) };
    await dispatcher.query('rollback');
  }
  return most;
}

function expectNoMore(late: Blocks, early: Blocks): void {
  // Without eras it would grow with each delivery.
  expect(late.claim / early.claim).toBeLessThan(1.5);
  expect(late.end / early.end).toBeLessThan(1.5);
}

describe('a claim and an end read no more, however long a transaction stays open', () => {
  const opened = 'begin isolation level repeatable read';
  test.each([
    [
      'one that only looks',
      () => other.query('select pg_current_xact_id(), count(*) from pg_class'),
    ],
    [
      'one that reads all tables, as a dump does',
      async () => {
        for (const table of ['change', 'arrival', 'gate', 'lane', 'budget', 'slot', 'worker']) {
          await other.query(`select count(*) from ${schema}.outbox_${table}`);
        }
      },
    ],
    ['one that accepts a change', () => accept(['OTHER'], other)],
  ])('%s', async (_, look) => {
    const worker = await enter();
    await deliver(worker, 100);
    await other.query(opened);
    await look();
    const early = await mostBlocks(worker, 300);
    await deliver(worker, 600);
    expectNoMore(await mostBlocks(worker, 300), early);
    // As autovacuum does: the plans are made anew, by what the tables look like now.
    await pool.query('analyze');
    expectNoMore(await mostBlocks(worker, 300), early);
  });
});

test('a claim reads no more, however many changes a ticket has had', async () => {
  const worker = await enter();
  const blocksFor = async (changes: number): Promise<number> => {
    for (let done = 0; done < changes; done += 5) {
      await accept(['T', 'T', 'T', 'T', 'T']);
      for (let jobs = await claim(worker); jobs.length > 0; jobs = await claim(worker)) {
        await end(worker, jobs);
      }
    }
    await dispatcher.query('begin');
    await accept(['T']);
    const blocks = await blocksOf('claim', claimOf(worker));
    await dispatcher.query('rollback');
    return blocks;
  };
  const [few, many] = [await blocksFor(10), await blocksFor(500)];
  expect(many - few).toBeLessThan(15);
});

test('a change whose arrival somebody has locked stays before the later ones of its ticket', async () => {
  const worker = await enter();
  const idOf = async (n: number) => {
    const { rows } = await pool.query<{ id: string }>(
      `select id from ${schema}.outbox_change order by position offset $1 limit 1`,
      [n],
    );
    return rows[0]?.id ?? '';
  };
  await accept(['T']);
  await end(worker, await claim(worker));
  await accept(['T']);
  await other.query(`begin; select from ${schema}.outbox_arrival for update`);
  await accept(['T', 'T']);
  await call('cancel', { id: await idOf(2) });
  const claimed = async () => (await claim(worker)).map(({ id }) => id);
  const early = await claimed();
  await deliver(worker, 600);
  await other.query('commit');
  const ids = [...early, ...(await claimed())];
  expect(ids).toEqual([await idOf(1)]);
});

test('a change that was accepted many eras ago goes as soon as its transaction commits', async () => {
  const worker = await enter();
  await other.query('begin');
  await accept(['OTHER'], other);
  await deliver(worker, 1000);
  const waiting = await eras();
  await other.query('commit');
  expect((await claim(worker)).map(({ change: { ticketId } }) => ticketId)).toEqual(['OTHER']);
  await deliver(worker, 500);
  // Its era was kept for it, and has ended with it.
  expect(waiting[0]).toBe(1);
  expect(await eras()).not.toContain(1);
});

test('an era in which nothing was accepted loses no later change', async () => {
  const worker = await enter();
  const nextMinute = `update ${schema}.outbox_era set began_at = began_at - interval '2 minutes'`;
  for (const ticketId of ['FIRST', 'SECOND', 'THIRD']) {
    await pool.query(nextMinute);
    await claim(worker);
    await accept([ticketId]);
    await pool.query(nextMinute);
    const jobs = await claim(worker);
    expect(jobs.map((job) => job.change.ticketId)).toEqual([ticketId]);
    await end(worker, jobs);
  }
  expect((await eras()).at(-1)).toBeGreaterThan(5);
});

describe('what stays as it is for many eras is found again', () => {
  test('a change that is under way, when its worker is lost', async () => {
    const [lost, worker] = [await enter(), await enter()];
    await accept(['HELD']);
    expect(await claim(lost)).toHaveLength(1);
    await deliver(worker, 1000);
    await pool.query(
      `update ${schema}.outbox_worker set seen_at = seen_at - interval '1 hour' where id = $1`,
      [lost],
    );
    expect(await call('sweep', { worker })).toMatchObject({ dead: [{ worker: lost, changes: 1 }] });
    expect(await claim(worker)).toHaveLength(1);
  });

  test('one that waits for its next attempt, one that is dead, and one whose end is late', async () => {
    const worker = await enter();
    const tickets = ['LATE', 'AGAIN', 'GONE'];
    await accept(tickets);
    const jobs = await claim(worker);
    const [late, again, gone] = tickets.map((ticketId) =>
      jobs.find((job) => job.change.ticketId === ticketId),
    );
    if (late === undefined || again === undefined || gone === undefined) throw new Error('none');
    await end(worker, [again], { kind: 'retry', delayMs: 1_000_000 });
    await end(worker, [gone], { kind: 'dead', reason: 'no way' });
    await deliver(worker, 1000);
    await end(worker, [late]);
    expect(await call('find', { id: late.id })).toMatchObject({ kind: 'done' });
    await pool.query(
      `update ${schema}.outbox_lane set retry_at = now() where retry_at is not null`,
    );
    expect(await call('redrive', { id: gone.id })).toBe(1);
    const found = (await claim(worker)).map(({ change: { ticketId } }) => ticketId);
    expect(found.toSorted()).toEqual(['AGAIN', 'GONE']);
  });

  test('more changes than are moved at a time', async () => {
    const worker = await enter();
    await accept(Array.from({ length: 900 }, (_, at) => `MANY-${at}`));
    const seen = new Set<string>();
    for (;;) {
      const jobs = await claim(worker, 25);
      if (jobs.length === 0) break;
      for (const job of jobs) seen.add(job.id);
      await end(worker, jobs);
    }
    expect(seen.size).toBe(900);
  });
});
