import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox } from '../../src/index.ts';
import { change } from '../support/trial.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';

/*
 * What a claim hands out, and how much it reads for that: with many keys, of which some are paused.
 * Counted in blocks, which depend on no clock.
 */

let server: PostgresServer;
let pool: pg.Pool;
let client: pg.PoolClient;
let schema = '';
let made = 0;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 5);
  client = await pool.connect();
  // As the dispatcher has it: what `settle` calls is planned as in a claim.
  for (const kind of ['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin']) {
    await client.query(`set enable_${kind} = off`);
  }
});
afterAll(async () => {
  client.release();
  await pool.end();
  await server.stop();
});
beforeEach(async () => {
  schema = `paused_${(made += 1)}`;
  await (await createPostgresOutbox({ pool, schema })).close();
});

interface Job {
  readonly id: string;
  readonly fence: number;
  readonly key: string;
  readonly change: { readonly ticketId: string };
  readonly slots: readonly object[];
}

const sql = (text: string, values: readonly unknown[] = []) =>
  client.query(text.replaceAll('@', `${schema}.outbox_`), [...values]);

async function call<Result>(name: string, input: object): Promise<Result> {
  const { rows } = await sql(`select @${name}($1) as result`, [input]);
  return (rows[0] as { readonly result: Result }).result;
}

const sizes = { gapMs: 0, horizonMs: 60, holdMs: 60_000, slots: 25, timeoutMs: 2000, gatherMs: 0 };
const claimOf = (worker: string, most: number) => ({
  worker,
  most,
  held: [],
  number: 1,
  ...sizes,
});

async function enter(): Promise<string> {
  const id = randomUUID();
  await call('enter', { id, host: 'test', pid: 1, lock: 1, session: false, capacity: 1000 });
  return id;
}

/** Accepts a change for each of these keys, and gives the tickets. */
async function accept(keys: readonly string[], ticketId = 'T-1', priority = 0): Promise<void> {
  await call('accept', {
    changes: keys.map((key) => {
      const lane = `${key}/${ticketId}`;
      return { id: randomUUID(), lane, priority, change: change(ticketId, 'START', { key }) };
    }),
  });
}

const claim = async (worker: string, most = 100) =>
  (await call<{ jobs: Job[]; nextInMs: number }>('claim', claimOf(worker, most))).jobs;

const end = (worker: string, jobs: readonly Job[], how: object = { kind: 'done' }) =>
  call('end_claims', {
    ends: jobs.map(({ id, fence }) => ({ life: worker, id, fence, doubt: 'none', ...how })),
    releases: jobs.flatMap(({ slots }) =>
      slots.map((slot) => ({ ...slot, ageMs: 0, cooldownMs: 0, pauseMs: 0 })),
    ),
  });

/** Looks for keys as a claim does, but takes nothing, until nothing more is set aside or comes back. */
async function settle(worker: string): Promise<void> {
  const look = async () =>
    (await sql('select count(*)::int as count from @lane where is_ready')).rows as [
      { count: number },
    ];
  for (let before = -1, [{ count }] = await look(); count !== before; [{ count }] = await look()) {
    before = count;
    await claim(worker, 0);
    await sql('select @keys_in_turn(200, now(), @latest_era(), @lanes_era())');
  }
}

const named = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${name}-${String(at).padStart(5, '0')}`);

async function blocksOfClaim(worker: string): Promise<number> {
  await client.query('begin');
  const { rows } = await sql(`explain (analyze, buffers, format json) select @claim($1)`, [
    claimOf(worker, 10),
  ]);
  await client.query('rollback');
  const [row] = rows as { 'QUERY PLAN': [{ Plan: Record<string, number> }] }[];
  const plan = row?.['QUERY PLAN'][0].Plan ?? {};
  return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
}

const pauses: readonly (readonly [string, string])[] = [
  ['by hand', `'hand', null`],
  ['as they fail, whose next probe is far', `'fault', clock_timestamp() + interval '1 hour'`],
];

describe('a claim reads no more with ten thousand keys that are paused', () => {
  test.each(pauses)('%s', async (_, how) => {
    const count = 10_000;
    const worker = await enter();
    await accept(named('key', 10));
    const paused = named('bad', count);
    await sql(
      `insert into @circuit (key, paused_by, next_try_at, step_ms, reason, since, fault_at)
      select k, ${how}, 1000, 'no', clock_timestamp(), clock_timestamp() from unnest($1::text[]) k`,
      [paused],
    );
    for (let from = 0; from < count; from += 1000) {
      await accept(paused.slice(from, from + 1000));
      await claim(worker, 0);
    }
    await settle(worker);
    const { rows } = await sql('select count(*)::int as count from @lane where is_aside');
    expect(rows).toEqual([{ count }]);
    await sql('vacuum analyze @lane');
    const beside = await blocksOfClaim(worker);
    // As many tickets that are not ready, and no key that is paused.
    await sql('delete from @circuit');
    await sql(`update @lane set is_aside = false, kind = 'dead' where is_aside`);
    await sql('vacuum analyze @lane, @circuit');
    const without = await blocksOfClaim(worker);
    expect(beside).toBeLessThan(1.1 * without);
    expect(new Set((await claim(worker)).map(({ key }) => key))).toEqual(new Set(named('key', 10)));
  });
});

test('tickets of a key come back in their order when it goes on, however many there are', async () => {
  const worker = await enter();
  await call('pause', { key: 'bad', reason: 'no' });
  const tickets = named('T', 300);
  for (const [at, ticketId] of tickets.entries()) {
    await accept(['bad'], ticketId, at === 299 ? 1 : 0);
  }
  await settle(worker);
  expect(await claim(worker)).toEqual([]);
  await call('resume', { key: 'bad' });
  const seen: string[] = [];
  for (let round = 0; round < 100 && seen.length < 300; round += 1) {
    const jobs = await claim(worker, 25);
    // As they were handed out: the first come first.
    seen.push(...jobs.map((job) => job.change.ticketId));
    await end(worker, jobs);
  }
  expect(seen).toEqual(['T-00299', ...tickets.slice(0, 299)]);
  expect((await sql('select key from @circuit where has_aside')).rows).toEqual([]);
});

test('a key that fails has one probe at a time, of the ticket that failed longest ago or never', async () => {
  const worker = await enter();
  const tickets = named('T', 30);
  for (const ticketId of tickets) await accept(['bad'], ticketId);
  const [first] = await claim(worker, 1);
  if (first === undefined) throw new Error('none');
  const fault = { kind: 'retry', keyFault: 'unusable', reason: 'revoked', delayMs: 0 };
  // A slow machine may need longer than the pause.
  const fail = async (jobs: (typeof first)[]) => {
    await end(worker, jobs, fault);
    await sql(`update @circuit set next_try_at = clock_timestamp() + interval '1 hour'`);
  };
  await fail([first]);
  const seen = [first.change.ticketId];
  for (let round = 0; round < 29; round += 1) {
    await settle(worker);
    expect(await claim(worker)).toEqual([]);
    await sql('update @circuit set next_try_at = clock_timestamp()');
    const jobs = await claim(worker);
    expect(jobs).toHaveLength(1);
    expect(await claim(worker)).toEqual([]);
    seen.push(...jobs.map((job) => job.change.ticketId));
    await fail(jobs);
  }
  expect(seen.toSorted()).toEqual(tickets);
  await sql('update @circuit set next_try_at = clock_timestamp()');
  await settle(worker);
  // The one that failed first is the next one.
  const again = await claim(worker);
  expect(again.map((job) => job.change.ticketId)).toEqual([seen[0]]);
  await end(worker, again);
  const rest = await claim(worker);
  expect(rest.length).toBeGreaterThan(20);
});

test('what stands aside can be taken back, and the next change of its ticket goes when its turn comes', async () => {
  const worker = await enter();
  await call('pause', { key: 'bad', reason: 'no' });
  await accept(['bad'], 'T-1');
  await accept(['bad'], 'T-1');
  await settle(worker);
  const { rows } = await sql('select head from @lane');
  const [{ head }] = rows as [{ head: string }];
  expect(await call('cancel', { id: head })).toBe(true);
  await settle(worker);
  expect(await claim(worker)).toEqual([]);
  await call('resume', { key: 'bad' });
  const jobs = await claim(worker);
  expect(jobs).toHaveLength(1);
  expect(jobs[0]?.id).not.toBe(head);
});

test('keys that are paused keep no other key from its turn, with its probes in their turns', async () => {
  const worker = await enter();
  const [good, bad] = [named('key', 30), named('bad', 300)];
  await sql(
    `insert into @circuit (key, paused_by, next_try_at, step_ms, reason, since, fault_at)
    select k, 'fault', clock_timestamp(), 1000, 'no', clock_timestamp(), clock_timestamp()
    from unnest($1::text[]) k`,
    [bad],
  );
  await accept([...bad, ...good]);
  await settle(worker);
  await sql('update @circuit set next_try_at = clock_timestamp()');
  const served = new Set<string>();
  // A few at a time.
  for (let round = 0; round < 120 && served.size < 330; round += 1) {
    const jobs = await claim(worker, 5);
    for (const { key } of jobs) served.add(key);
    await end(worker, jobs, {
      kind: 'retry',
      delayMs: 3_600_000,
      askedNothing: false,
      isOutage: true,
    });
  }
  expect(served.size).toBe(330);
});

test('keys with nothing aside keep no other key from its probe, and have theirs again', async () => {
  const worker = await enter();
  // More than one call looks at.
  const gone = named('gone', 250);
  await accept([...gone, 'bad']);
  await sql(
    `insert into @circuit (key, paused_by, next_try_at, step_ms, reason, since, fault_at)
    select k, 'fault', clock_timestamp() + interval '1 hour', 1000, 'no', clock_timestamp(),
      clock_timestamp() from unnest($1::text[]) k`,
    [[...gone, 'bad']],
  );
  await settle(worker);
  const { rows } = await sql(`select head from @lane where key <> 'bad'`);
  for (const { head } of rows as { head: string }[]) await call('cancel', { id: head });
  // Those come first.
  await sql(`update @circuit set next_try_at = clock_timestamp() - interval '1 minute'`);
  await sql(`update @circuit set next_try_at = clock_timestamp() where key = 'bad'`);
  const probed = async () => [...(await claim(worker, 1)), ...(await claim(worker, 1))];
  expect((await probed()).map(({ key }) => key)).toEqual(['bad']);
  await accept(['gone-00000']);
  await settle(worker);
  expect((await probed()).map(({ key }) => key)).toEqual(['gone-00000']);
});

describe('a slot that was not made, as its ticket was locked by hand, is the next that is used', () => {
  const numbersOf = (slots: readonly object[]) =>
    (slots as readonly { readonly slot: number }[]).map(({ slot }) => slot);
  const claimed = async (worker: string) =>
    numbersOf((await claim(worker)).flatMap(({ slots }) => slots));
  const taken = async () => {
    const wants = { wants: { key: 2 }, ...sizes };
    return numbersOf((await call<{ slots: object[] }>('take_slots', wants)).slots);
  };
  test.each([
    ['by a change', claimed, [1]],
    ['by other requests', taken, [1, 4]],
  ] as const)('%s', async (_, next, expected) => {
    const worker = await enter();
    for (const ticketId of ['T-1', 'T-2', 'T-3']) await accept(['key'], ticketId);
    await claim(worker, 0);
    const other = await pool.connect();
    try {
      await other.query(
        `begin; select from ${schema}.outbox_lane where lane = 'key/T-1' for update`,
      );
      expect(await claimed(worker)).toEqual([2, 3]);
    } finally {
      await other.query('commit');
      other.release();
    }
    expect(await next(worker)).toEqual(expected);
  });
});

test('a worker that has more than its share leaves the turn to the others, and waits', async () => {
  const worker = await enter();
  await accept(named('key', 600));
  for (let round = 0; round < 2; round += 1) expect(await claim(worker, 200)).toHaveLength(200);
  const other = await enter();
  await enter();
  const turn = async () => (await sql('select key from @key_turn')).rows;
  const before = await turn();
  // A fleet that has just begun takes more at a time. All three were seen just now.
  await sql(`update @worker set entered_at = entered_at - interval '1 minute',
    seen_at = clock_timestamp() + interval '500 ms'`);
  const claimed = await call<{ jobs: Job[]; nextInMs: number | null }>('claim', claimOf(worker, 5));
  expect({ jobs: claimed.jobs, nextInMs: claimed.nextInMs, turn: await turn() }).toEqual({
    jobs: [],
    nextInMs: null,
    turn: before,
  });
  expect(await claim(other, 5)).toHaveLength(5);
});

test('whoever waits for a slot is told of those that are not made yet', async () => {
  const even = { ...sizes, gapMs: 40 };
  const take = (count: number) =>
    call<{ slots: object[]; nextInMs: number }>('take_slots', { wants: { key: count }, ...even });
  let waiting = 10;
  for (let calls = 0; waiting > 0; calls += 1) {
    const { slots, nextInMs } = await take(waiting);
    waiting -= slots.length;
    // All slots that there are so far are in use, for seconds.
    if (waiting > 0) expect(nextInMs).toBeLessThan(1000);
    expect(calls).toBeLessThan(100);
    await new Promise((resolve) => setTimeout(resolve, nextInMs));
  }
});

test('a change that became the head before it was admitted is taken back for good', async () => {
  const worker = await enter();
  await accept(['key']);
  const first = await claim(worker);
  await accept(['key', 'key']);
  await end(worker, first);
  const { rows } = await sql('select head from @lane');
  const { head } = rows[0] as { readonly head: string };
  expect(await call('cancel', { id: head })).toBe(true);
  expect(await call('cancel', { id: head })).toBe(false);
  const [next] = await claim(worker);
  expect(next?.id).not.toBe(head);
  await end(worker, next === undefined ? [] : [next]);
  const ended = await sql('select kind from @change order by kind');
  expect(ended.rows).toEqual(['cancelled', 'done', 'done'].map((kind) => ({ kind })));
  expect(await claim(worker)).toEqual([]);
  const lanes = await sql('select head, behind from @lane');
  expect(lanes.rows).toEqual([{ head: null, behind: 0 }]);
});
