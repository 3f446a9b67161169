import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { checkChange } from '../../src/model/change.ts';
import type { ClaimEnd, Claimed } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import { historyOf } from '../../src/model/safe-steps.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { eventually } from '../support/fleet.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { openPostgresStore } from '../support/sql-stores.ts';
import { change } from '../support/trial.ts';

/*
 * Each place where a change can stand, and each reason why it does not go on: `blocked` shows it, with
 * its reason and since when, and so does `why`. Where it waits as it should, `blocked` shows nothing.
 */

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 10);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const clients: pg.PoolClient[] = [];
const stores: Store<never>[] = [];
const undo: string[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) {
    await client.query('rollback');
    client.release();
  }
  for (const statement of undo.splice(0)) await pool.query(statement);
  for (const store of stores.splice(0)) await store.close();
});

/** What is needed to bring a change to its place. */
async function setUp() {
  const store = await openPostgresStore(pool, 'ticket_outbox');
  stores.push(store);
  let number = 0;
  const sql = (text: string) => pool.query(text.replaceAll('@', 'ticket_outbox.outbox_'));

  const accept = async (ticketId = 'T-1', options: { readonly notBefore?: Date } = {}) => {
    const id = timeOrderedId();
    await store.accept([{ id, change: checkChange(change(ticketId)), ...options }]);
    return id;
  };

  /** A worker that lets in what has arrived, and takes as many as it is told. */
  const work = async (most: number) => {
    const life = await store.enter();
    const jobs: Claimed[] = [];
    do {
      jobs.push(...(await store.claim(life, { number: (number += 1), most, held: [] })).jobs);
      if (jobs.length < most) await new Promise((resolve) => setTimeout(resolve, 20));
    } while (jobs.length < most);
    const end = (job: Claimed | undefined, how: Partial<ClaimEnd>) => {
      const claim = { life: life.id, id: job?.id ?? '', fence: job?.fence ?? 0 };
      return store.end([{ ...claim, kind: 'done', doubt: 'none', ...how }], []);
    };
    return { life, jobs, end };
  };

  /** Somebody else's transaction, which stays open. */
  const lock = async (text: string) => {
    const client = await pool.connect();
    clients.push(client);
    await client.query('set application_name = somebody');
    await client.query('begin');
    await client.query(text.replaceAll('@', 'ticket_outbox.outbox_'));
  };

  return { store, sql, accept, work, lock };
}
type Ground = Awaited<ReturnType<typeof setUp>>;

const inAnHour = () => ({ notBefore: new Date(Date.now() + 3_600_000) });
const dispatchLock = `select pg_advisory_xact_lock(hashtextextended('ticket_outbox/dispatch', 0))`;
const older = {
  arrivals: `update @arrival set since = since - interval '2 minutes'`,
  lanes: `update @lane set since = since - interval '2 minutes'`,
  workers: `update @worker set seen_at = seen_at - interval '2 minutes'`,
  timers: `update @change set due_at = clock_timestamp() - interval '2 minutes' where due_at is not null`,
};
const justNow = `update @change set due_at = clock_timestamp() - interval '1 ms' where due_at is not null`;
const session =
  /^Session \d+ of the database \(somebody, idle in transaction\) keeps it locked: its transaction is open for \d+ s\.$/;
const keepsOut =
  /^Session \d+ of the database \(somebody, idle in transaction\) keeps the dispatcher out: its transaction is open for \d+ s\.$/;
const noneFor2Minutes =
  /^No worker has reached the outbox for 1[2-9]\d s: none runs, or their calls fail\.$/;

const noneFor11Seconds =
  /^No worker has reached the outbox for 1\d s: none runs, or their calls fail\.$/;

interface Shown {
  readonly kind: string;
  readonly reason: string | RegExp;
  readonly waiting?: number;
  /** How long ago it began. */
  readonly agoMs?: number;
}
type Place = readonly [name: string, arrange: (ground: Ground) => Promise<string>, shown: Shown];

const twoMinutes = 120_000;
const places: readonly Place[] = [
  [
    'it has arrived, and there never was a worker',
    async ({ accept, sql }) => {
      const id = await accept();
      await accept();
      await sql(older.arrivals);
      return id;
    },
    {
      kind: 'waiting',
      reason: 'No worker has reached the outbox yet.',
      waiting: 1,
      agoMs: twoMinutes,
    },
  ],
  [
    'it has arrived, and the workers are gone',
    async ({ accept, work, sql }) => {
      await work(0);
      const id = await accept();
      await sql(older.arrivals);
      await sql(older.workers);
      return id;
    },
    { kind: 'waiting', reason: noneFor2Minutes, agoMs: twoMinutes },
  ],
  [
    'it has arrived, and for ten seconds there has been no worker',
    async ({ accept, work, sql }) => {
      await work(0);
      const id = await accept();
      await sql(`update @arrival set since = since - interval '11 seconds'`);
      await sql(`update @worker set seen_at = seen_at - interval '11 seconds'`);
      return id;
    },
    { kind: 'waiting', reason: noneFor11Seconds, agoMs: 11_000 },
  ],
  [
    'its turn has come, and for ten seconds there has been no worker',
    async ({ accept, work, sql }) => {
      const id = await accept();
      await work(0);
      await sql(`update @lane set since = since - interval '11 seconds'`);
      await sql(`update @worker set seen_at = seen_at - interval '11 seconds'`);
      return id;
    },
    { kind: 'waiting', reason: noneFor11Seconds, agoMs: 11_000 },
  ],
  [
    'it has arrived, and the dispatcher breaks as it lets it in',
    async ({ store, accept, work, sql }) => {
      const { life } = await work(0);
      await sql(`create function public.no() returns trigger language plpgsql
        as $$ begin raise exception 'no lane'; end $$;
        create trigger no before insert on @lane for each row execute function public.no()`);
      undo.push('drop function public.no cascade');
      const id = await accept();
      await sql(older.arrivals);
      await expect(store.claim(life, { number: 9, most: 1, held: [] })).rejects.toThrow('no lane');
      return id;
    },
    {
      kind: 'waiting',
      reason:
        'It was accepted, and the dispatcher has not let it in: look for errors of the workers.',
      agoMs: twoMinutes,
    },
  ],
  [
    'it has arrived, and a session has locked that',
    async ({ accept, work, lock }) => {
      const id = await accept();
      await lock('select from @arrival for update');
      await work(0);
      return id;
    },
    { kind: 'waiting', reason: session },
  ],
  [
    'it has arrived, and a session has locked its ticket',
    async ({ accept, work, lock }) => {
      await accept();
      const { jobs, end } = await work(1);
      await end(jobs[0], { kind: 'done' });
      const id = await accept();
      await lock('select from @lane for update');
      await work(0);
      return id;
    },
    { kind: 'waiting', reason: session },
  ],
  [
    'it has arrived, and a session keeps the dispatcher out',
    async ({ accept, lock }) => {
      const id = await accept();
      await lock(dispatchLock);
      return id;
    },
    { kind: 'waiting', reason: keepsOut },
  ],
  [
    'its time has come, and the workers are gone',
    async ({ accept, work, sql }) => {
      await work(0);
      const id = await accept('T-1', inAnHour());
      await sql(older.timers);
      await sql(older.workers);
      return id;
    },
    { kind: 'waiting', reason: noneFor2Minutes, agoMs: twoMinutes },
  ],
  [
    'its time has come, and a session that accepts another change of its ticket stays open',
    async ({ accept, work, sql, lock }) => {
      const id = await accept('T-1', inAnHour());
      await lock(`update @gate set passed_at = now()`);
      await sql(justNow);
      await work(0);
      return id;
    },
    { kind: 'waiting', reason: session },
  ],
  [
    'its time has come, and a session has locked it',
    async ({ accept, work, sql, lock }) => {
      const id = await accept('T-1', inAnHour());
      await sql(justNow);
      await lock(`select from @change for update`);
      await work(0);
      return id;
    },
    { kind: 'waiting', reason: session },
  ],
  [
    'its turn has come, and no worker has a place for it',
    async ({ accept, work, sql }) => {
      const id = await accept();
      await work(0);
      await sql(older.lanes);
      return id;
    },
    {
      kind: 'waiting',
      reason: 'Its turn has come, and no worker has taken it.',
      agoMs: twoMinutes,
    },
  ],
  [
    'its turn has come, and the workers are gone',
    async ({ accept, work, sql }) => {
      const id = await accept();
      await accept();
      await work(0);
      await sql(older.lanes);
      await sql(older.workers);
      return id;
    },
    { kind: 'waiting', reason: noneFor2Minutes, waiting: 1, agoMs: twoMinutes },
  ],
  [
    'its turn has come, and a session has locked its ticket',
    async ({ accept, work, lock }) => {
      const id = await accept();
      await work(0);
      await lock('select from @lane for update');
      return id;
    },
    { kind: 'waiting', reason: session },
  ],
  [
    'its turn has come, and a session keeps the dispatcher out',
    async ({ accept, work, lock }) => {
      const id = await accept();
      await work(0);
      await lock(dispatchLock);
      return id;
    },
    { kind: 'waiting', reason: keepsOut },
  ],
  [
    'its turn has come, and a session keeps others from writing lanes',
    async ({ accept, work, lock }) => {
      const id = await accept();
      await work(0);
      await lock('lock table @lane in share mode');
      return id;
    },
    { kind: 'waiting', reason: keepsOut },
  ],
  ...['budget', 'slot'].map((table): Place => [
    `its turn has come, and a session has locked the ${table} of its key`,
    async ({ store, accept, work, sql, lock }) => {
      await store.takeSlots({ default: 1 });
      const id = await accept();
      await work(0);
      await sql(older.lanes);
      await lock(`select from @${table} for update`);
      return id;
    },
    { kind: 'waiting', reason: session, agoMs: twoMinutes },
  ]),
  [
    'its turn has come, and its key pauses after a 429',
    async ({ store, accept, work, sql }) => {
      await store.takeSlots({ default: 1 });
      const id = await accept();
      await work(0);
      await sql(older.lanes);
      await sql(`update @budget set paused_until = now() + interval '5 minutes'`);
      return id;
    },
    {
      kind: 'waiting',
      reason: /^Its key sends nothing for \d+ s more: the API has answered 429\.$/,
      agoMs: twoMinutes,
    },
  ],
  [
    'its turn has come, and a slot never comes',
    async ({ store, accept, work, sql }) => {
      await store.takeSlots({ default: 25 });
      const id = await accept();
      await work(0);
      await sql(older.lanes);
      await sql(`update @slot set free_at = now() + interval '5 minutes'`);
      return id;
    },
    { kind: 'waiting', reason: 'All slots of its key are in use.', agoMs: twoMinutes },
  ],
  [
    'a request of the change before it may still be under way',
    async ({ accept, work }) => {
      await accept();
      const { jobs, end } = await work(1);
      const id = await accept();
      await end(jobs[0], { quietInMs: 60_000 });
      return id;
    },
    { kind: 'waiting', reason: 'A request of the change before it may still be under way.' },
  ],
  [
    'it waits for its next attempt',
    async ({ accept, work }) => {
      const id = await accept();
      const { jobs, end } = await work(1);
      await end(jobs[0], { kind: 'retry', reason: 'The API was away.', delayMs: 60_000 });
      return id;
    },
    { kind: 'retrying', reason: 'The API was away.' },
  ],
  [
    'its next attempt has come, and the workers are gone',
    async ({ accept, work, sql }) => {
      const id = await accept();
      const { jobs, end } = await work(1);
      await end(jobs[0], { kind: 'retry', reason: 'The API was away.', delayMs: 0 });
      await sql(older.workers);
      return id;
    },
    {
      kind: 'retrying',
      reason:
        /^No worker has reached the outbox for 1[2-9]\d s: none runs, or their calls fail\. Its latest attempt: The API was away\.$/,
    },
  ],
  [
    'its worker was lost',
    async ({ store, accept, work }) => {
      const id = await accept();
      const { life } = await work(1);
      await store.leave(life);
      return id;
    },
    { kind: 'retrying', reason: 'Its worker was lost.' },
  ],
  [
    'a delivery of it hangs',
    async ({ accept, work, sql }) => {
      const id = await accept();
      await work(1);
      await sql(older.lanes);
      return id;
    },
    {
      kind: 'underWay',
      reason: 'A delivery of it has been under way for long.',
      agoMs: twoMinutes,
    },
  ],
  [
    'its worker is gone, and there is no other',
    async ({ accept, work, sql }) => {
      const id = await accept();
      await work(1);
      await sql(older.lanes);
      await sql(older.workers);
      return id;
    },
    {
      kind: 'underWay',
      reason: /^Its worker has not been seen for 1[2-9]\d s, and no other one gives it back\.$/,
      agoMs: twoMinutes,
    },
  ],
  ...['lane', 'change'].map((table): Place => [
    `it is under way, and a session has locked its ${table}, so that its end can't be written`,
    async ({ accept, work, lock }) => {
      const id = await accept();
      const { jobs, end } = await work(1);
      await lock(`select from @${table} for update`);
      const { busy } = await end(jobs[0], { kind: 'done' });
      if (!busy.has(id)) throw new Error('Its end was written.');
      return id;
    },
    { kind: 'underWay', reason: session },
  ]),
  ...(['dead', 'unknown'] as const).map((kind): Place => [
    `it is ${kind}, with changes behind it: one whose time has come, and one that has arrived`,
    async ({ accept, work, sql }) => {
      const id = await accept();
      const { jobs, end } = await work(1);
      await end(jobs[0], { kind, reason: 'no way' });
      await accept('T-1', inAnHour());
      await sql(justNow);
      await accept();
      return id;
    },
    { kind, reason: 'no way', waiting: 2 },
  ]),
  [
    'its key is paused by hand, and it has arrived',
    async ({ store, accept }) => {
      const id = await accept();
      await store.pause('default', 'The workspace moves.');
      return id;
    },
    { kind: 'paused', reason: 'Its key is paused. The workspace moves.' },
  ],
  [
    'its key is paused by hand, and its time has come',
    async ({ store, accept, sql }) => {
      const id = await accept('T-1', inAnHour());
      await sql(justNow);
      await store.pause('default', 'The workspace moves.');
      return id;
    },
    { kind: 'paused', reason: 'Its key is paused. The workspace moves.' },
  ],
  [
    'its key fails',
    async ({ accept, work }) => {
      const id = await accept();
      const { jobs, end } = await work(1);
      await end(jobs[0], { kind: 'retry', keyFault: 'unusable', reason: 'revoked', delayMs: 0 });
      return id;
    },
    { kind: 'paused', reason: 'Its key is paused. revoked' },
  ],
];

describe('what does not go on is shown with its reason, and since when', () => {
  test.each(places)('%s', async (_, arrange, { agoMs = 0, waiting = 0, ...shown }) => {
    const ground = await setUp();
    const begunAt = Date.now();
    const id = await arrange(ground);
    const { inspect } = ground.store;
    const { kind, reason } = shown;
    const fits = (one = '') => (typeof reason === 'string' ? one === reason : reason.test(one));
    // A lock counts once it has lasted for a moment.
    await eventually(async () => fits((await inspect.blocked())[0]?.reason));
    const [found, ...others] = await inspect.blocked();
    expect(others).toEqual([]);
    const name = { key: 'default', ticketId: 'T-1', by: id };
    expect(found).toMatchObject({ ...name, kind, waiting });
    const since = found?.since.getTime() ?? 0;
    expect(since + agoMs).toBeGreaterThanOrEqual(begunAt - 1000);
    expect(since + agoMs).toBeLessThanOrEqual(Date.now() + 1000);

    const why = await inspect.why(id);
    expect(why?.since?.getTime()).toBeLessThanOrEqual(since);
    const told = why === undefined ? '' : [why.record.reason, ...textsOf(why)].join(' ');
    expect(told).toContain(kind === 'paused' ? 'Its key is paused.' : withoutTimes(found?.reason));
  });

  const textsOf = (why: Parameters<typeof historyOf>[0]) =>
    historyOf(why).steps.map((step) => step.why);
  /** It was asked for twice, and seconds pass. */
  const withoutTimes = (reason = '') => reason.replace(/ (for|is open for) \d+ s.*$/, '');
});

const waits: readonly (readonly [
  name: string,
  arrange: (ground: Ground) => Promise<string>,
  told: string,
])[] = [
  [
    'it has just arrived',
    ({ accept }) => accept(),
    'It is sent when its turn, its time and a slot have come.',
  ],
  ['its time has not come', ({ accept }) => accept('T-1', inAnHour()), 'Its time has not come.'],
  [
    'its time has just come',
    async ({ accept, sql }) => {
      const id = await accept('T-1', inAnHour());
      await sql(justNow);
      return id;
    },
    'Its time has come, and it is let in next.',
  ],
  [
    'its time has just come, long after it was accepted, and it was let in',
    async ({ accept, work, sql }) => {
      const id = await accept('T-1', inAnHour());
      await sql(justNow);
      await sql(`update @change set accepted_at = accepted_at - interval '1 day'`);
      await work(0);
      return id;
    },
    'It is sent when its turn, its time and a slot have come.',
  ],
  [
    'a worker has just taken it',
    async ({ accept, work }) => {
      const id = await accept();
      await work(1);
      return id;
    },
    'A worker has it, and writes down how it ends.',
  ],
  [
    'it waits behind another one that is under way',
    async ({ accept, work }) => {
      await accept();
      const id = await accept();
      await work(1);
      return id;
    },
    'It waits for',
  ],
  [
    'it has arrived behind another one that is under way',
    async ({ accept, work }) => {
      await accept();
      await work(1);
      return accept();
    },
    'It waits for',
  ],
];

test.each(waits)(
  'what waits as it should is not shown as blocked: %s',
  async (_, arrange, told) => {
    const ground = await setUp();
    const id = await arrange(ground);
    const { inspect } = ground.store;
    expect(await inspect.blocked()).toEqual([]);
    const why = await inspect.why(id);
    expect(why?.since).toBeInstanceOf(Date);
    expect(why && historyOf(why).steps[0]?.why).toContain(told);
    const { waiting, later, underWay } = await inspect.depth();
    expect(waiting + later + underWay).toBeGreaterThan(0);
  },
);
