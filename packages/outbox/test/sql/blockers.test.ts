import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import pg from 'pg';
import { checkChange } from '../../src/model/change.ts';
import type { Life } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { eventually } from '../support/fleet.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { openPostgresStore } from '../support/sql-stores.ts';
import { change } from '../support/trial.ts';

/*
 * Who is named where a lock keeps the outbox waiting: the session at the end of the line, and never one
 * that only waits for it.
 */

let server: PostgresServer;
let pool: pg.Pool;
let store: Store<never>;
let life: Life;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 20);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const dispatch = `select pg_advisory_xact_lock(hashtextextended('ticket_outbox/dispatch', 0))`;
const open: { readonly pid: number }[] = [];
beforeEach(async () => {
  store = await openPostgresStore(pool, 'ticket_outbox');
  await store.accept([{ id: timeOrderedId(), change: checkChange(change('T-1')) }]);
  life = await store.enter();
});
afterEach(async () => {
  // Whatever they still do.
  for (const { pid } of open.splice(0)) await pool.query('select pg_terminate_backend($1)', [pid]);
  await store.close();
});

const named = (text: string) => text.replaceAll('@', 'ticket_outbox.outbox_');

/** A session of somebody else, in a transaction that stays open. */
async function session(text: string, url = server.url) {
  const client = new pg.Client({ connectionString: url, application_name: 'somebody' });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const [{ pid } = { pid: 0 }] = rows;
  open.push({ pid });
  await client.query('begin');
  const answer = client.query(named(text));
  return { pid, answer };
}

async function lock(text: string, url?: string): Promise<number> {
  const { pid, answer } = await session(text, url);
  await answer;
  return pid;
}

/** The sessions that the event `error` would name. */
async function blockers(): Promise<number[]> {
  const { rows } = await pool.query<{ found: { pid: number; said: string }[] }>(
    named(`select @blockers('{}') as found`),
  );
  return (rows[0]?.found ?? []).map(({ pid }) => pid).toSorted((one, other) => one - other);
}

/** A worker of the fleet that is held up, over and over. */
function workOn() {
  const ended = new AbortController();
  const claims = (async () => {
    for (let number = 1; !ended.signal.aborted; number += 1) {
      await store.claim(life, { number, most: 1, held: [] }).catch(() => {});
    }
  })();
  return async () => {
    ended.abort();
    await claims;
  };
}

async function tables(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'ticket_outbox' order by 1`,
  );
  // Only those who install look at that one.
  return rows.map(({ name }) => name).filter((name) => name !== 'outbox_version');
}

test.each([
  'lock table % in access exclusive mode',
  'lock table % in exclusive mode',
  'lock table % in share row exclusive mode',
  'lock table % in share mode',
  'lock table % in row share mode',
])('each session that holds a lock is named, of whatever table: %s', async (text) => {
  const names = await tables();
  expect(names.length).toBeGreaterThanOrEqual(10);
  const pids: number[] = [];
  for (const name of names) pids.push(await lock(text.replace('%', `ticket_outbox.${name}`)));
  const all = pids.toSorted((one, other) => one - other);
  await eventually(async () => (await blockers()).length === all.length);
  expect(await blockers()).toEqual(all);
});

describe('a worker that only waits is never named', () => {
  test.each([
    'select from @key_turn for update',
    'select from @worker for update',
    dispatch,
    'lock table @lane in share mode',
    'alter table @slot add column other int',
  ])('while a session has done: %s', async (text) => {
    const somebody = await lock(text);
    const stop = workOn();
    const seen: number[] = [];
    const reasons: string[] = [];
    const all = new RegExp(
      `^Session ${somebody} of the database \\(somebody, idle in transaction\\)`,
    );
    await eventually(async () => {
      seen.push(...(await blockers()));
      const told = await store.inspect.blocked().then(
        ([first]) => first?.reason,
        ({ message }: Error) => message.replace(/^.*?: .*?\. /, ''),
      );
      if (told !== undefined) reasons.push(told);
      return seen.length > 2 && reasons.length > 2;
    });
    await stop();
    expect(new Set(seen)).toEqual(new Set([somebody]));
    for (const reason of reasons) expect(reason).toMatch(all);
  });
});

test('a session is named that keeps the holder of a lock waiting, and not the holder', async () => {
  await pool.query('create table if not exists public.other ()');
  const first = await lock('lock table public.other in exclusive mode');
  const { answer } = await session(
    'lock table @lane in share mode; lock table public.other in exclusive mode',
  );
  answer.catch(() => {});
  await eventually(async () => (await blockers()).length > 0);
  expect(await blockers()).toEqual([first]);
});

/** Does what has to wait for a lock, and gives its session once it waits. */
async function waitWith(text: string): Promise<number> {
  const { pid, answer } = await session(text);
  answer.catch(() => {});
  await eventually(async () => {
    const { rowCount } = await pool.query('select from pg_locks where pid = $1 and not granted', [
      pid,
    ]);
    return rowCount !== 0;
  });
  return pid;
}

/** The ends of all lines, and the sessions of which it was asked whom they wait for. */
async function spiedLines(): Promise<{ ends: number[]; asked: number[] }> {
  const client = await pool.connect();
  const pidsOf = async (text: string) =>
    (await client.query<{ pid: number }>(named(text))).rows.map(({ pid }) => pid);
  await client.query(`begin; create schema spy; create table spy.asked (pid int);
    create function spy.pg_blocking_pids(pid int) returns int[] language sql as $$
      insert into spy.asked values (pid); select pg_catalog.pg_blocking_pids(pid) $$;
    set local search_path = spy, pg_catalog`);
  const ends = await pidsOf('select distinct pid from @lines() where is_needed');
  const asked = await pidsOf('select pid from spy.asked order by pid');
  await client.query('rollback');
  client.release();
  return { ends, asked };
}

test('who waits for whom is asked once of each session in a line of the outbox, and of no other', async () => {
  const others = ['near', 'far', 'elsewhere'];
  for (const name of others) await pool.query(`create table if not exists public.${name} ()`);
  const exclusive = (table: string) => `lock table ${table} in exclusive mode`;
  const root = await lock(exclusive('public.far'));
  await lock(exclusive('public.elsewhere'));
  await waitWith(exclusive('public.elsewhere'));
  const line = [
    // It has no lock of the outbox.
    await waitWith(`${exclusive('public.near')}; ${exclusive('public.far')}`),
    await waitWith(`lock table @lane in share mode; ${exclusive('public.near')}`),
    await waitWith(exclusive('@lane')),
    await waitWith(exclusive('@lane')),
  ];
  await eventually(async () => (await blockers()).length > 0);
  const { ends, asked } = await spiedLines();
  expect(ends).toEqual([root]);
  expect(asked).toEqual(line.toSorted((one, other) => one - other));
});

test('a call of the outbox itself is named only if it lasts', async () => {
  const { answer } = await session('select @lock(), pg_sleep(30)');
  answer.catch(() => {});
  await eventually(async () => {
    const { rows } = await pool.query(`select from pg_stat_activity where query like '%pg_sleep(30)'
      and state = 'active' and pid <> pg_backend_pid()`);
    return rows.length === 1;
  });
  const somebody = await lock('lock table @lane in share mode');
  await eventually(async () => (await blockers()).length > 0);
  expect(await blockers()).toEqual([somebody]);
});

test('a session of another database of the server is not named', async () => {
  const elsewhere = server.url.replace(/[^/]+$/, 'postgres');
  await lock(dispatch, elsewhere);
  const here = await lock('lock table @key_turn in share mode');
  await eventually(async () => (await blockers()).length > 0);
  expect(await blockers()).toEqual([here]);
});

describe('while a table is locked', () => {
  test('each view ends soon, and names the session', async () => {
    for (const name of await tables()) {
      await lock(`lock table ticket_outbox.${name} in access exclusive mode`);
    }
    const { inspect } = store;
    const id = timeOrderedId();
    const answers = await Promise.allSettled([
      inspect.depth(),
      inspect.blocked(),
      inspect.dead(),
      inspect.paused(),
      inspect.budgets(),
      inspect.change(id),
      inspect.why(id),
      inspect.waiting({ most: 1 }),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 'rejected',
        reason: {
          name: 'DatabaseError',
          code: '55P03',
          message: expect.stringMatching(
            /^The database could not read the outbox: .*\. Session \d+ of the database \(somebody, idle in transaction\) keeps the outbox waiting: its transaction is open for \d+ s\..* To end it: select pg_terminate_backend\(\d+\);/,
          ) as string,
        },
      });
    }
  });

  test.each([
    ['a table', 'lock table @change in access exclusive mode', 'the outbox waiting'],
    ['the gate of its ticket', 'update @gate set passed_at = now()', 'the ticket locked'],
  ])('accept ends, and names the session that has locked %s', async (_, text, kept) => {
    const pid = await lock(text);
    const accepted = store.accept([{ id: timeOrderedId(), change: checkChange(change('T-1')) }]);
    await expect(accepted).rejects.toMatchObject({
      name: 'DatabaseError',
      message: expect.stringContaining(
        `Session ${pid} of the database (somebody, idle in transaction) keeps ${kept}:`,
      ) as string,
    });
  });
});
