import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import pg from 'pg';
import { createPostgresOutbox, type Outbox, type Transaction } from '../../src/index.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { change, delivering, ended, trialOf } from '../support/trial.ts';

let server: PostgresServer;
let pool: pg.Pool;
let outbox: Outbox<Transaction>;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 20);
  outbox = await createPostgresOutbox({ pool });
});
afterAll(async () => {
  await outbox.close();
  await pool.end();
  await server.stop();
});
beforeEach(() => pool.query(emptyTables()));

async function begun(isolation = 'read committed'): Promise<pg.PoolClient> {
  const client = await pool.connect();
  await client.query(`begin isolation level ${isolation}`);
  return client;
}

async function end(client: pg.PoolClient, how: 'commit' | 'rollback'): Promise<void> {
  await client.query(how);
  client.release();
}

describe('a client that is in no transaction', () => {
  test.each([
    ['a client without begin', () => pool.connect()],
    [
      'a pool behind an adapter',
      async () => ({ executeSql: (text: string, values?: unknown[]) => pool.query(text, values) }),
    ],
  ])('is refused, and nothing is stored: %s', async (_, tx) => {
    const client = await tx();
    for (let time = 0; time < 2; time += 1) {
      await expect(outbox.accept(change('TICKET-1'), { tx: client as never })).rejects.toThrow(
        'accept: "tx" must be a client in a transaction.',
      );
    }
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
    if ('release' in client) client.release();
  });

  test('is told apart from one that was in a transaction before, and from one in its next', async () => {
    const client = await begun();
    await outbox.accept(change('TICKET-1', 'A'), { tx: client });
    await outbox.accept(change('TICKET-1', 'B'), { tx: client });
    await client.query('commit');
    await expect(outbox.accept(change('TICKET-1', 'C'), { tx: client })).rejects.toThrow(
      'must be a client in a transaction',
    );
    await client.query('begin');
    await outbox.accept(change('TICKET-1', 'D'), { tx: client });
    await client.query('savepoint inside');
    await outbox.accept(change('TICKET-1', 'E'), { tx: client });
    await client.query('rollback to inside');
    await end(client, 'commit');
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 3 });
  });
});

test('a transaction that has written before stores with one call, and any other with two', async () => {
  const client = await begun();
  let calls = 0;
  const tx = {
    query(text: string, values?: unknown[]) {
      calls += 1;
      return client.query(text, values);
    },
  };
  await outbox.accept(change('TICKET-1'), { tx });
  expect(calls).toBe(2);
  await client.query('rollback; begin; select pg_current_xact_id()');
  await outbox.accept(change('TICKET-1'), { tx });
  expect(calls).toBe(3);
  await end(client, 'rollback');
  expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
});

describe('an open transaction', () => {
  test('keeps nobody waiting but changes of its own tickets, also with the first change of a key', async () => {
    const client = await begun();
    await outbox.accept(change('TICKET-1', 'START', { key: 'new' }), { tx: client });
    const { outbox: other, until } = await trialOf((onEvent) =>
      createPostgresOutbox({ pool, pace: 'burst', onEvent }),
    );
    // The limiter of the same key, changes of the same key, and changes of others.
    const lease = await other.rateLimiter.acquire('new', 'TICKET-9');
    lease.release({ kind: 'answered' });
    await other.accept(change('TICKET-2', 'START', { key: 'new' }));
    await other.accept(change('TICKET-1', 'START', { key: 'old' }));
    await other.run(delivering());
    await until(ended('done'), 2);
    const second = other.accept(change('TICKET-1', 'RESOLVE', { key: 'new' }));
    const isStored = await Promise.race([
      second.then(() => true),
      other.inspect.depth().then(() => false),
    ]);
    expect(isStored).toBe(false);
    await end(client, 'commit');
    await second;
    await until(ended('done'), 4);
    await other.close();
  });

  test('may accept any number of tickets', async () => {
    const client = await begun();
    // More than the locks of a transaction that Postgres has room for.
    const many = Array.from({ length: 20_000 }, (_, at) => ({ change: change(`TICKET-${at}`) }));
    await outbox.acceptMany(many, { tx: client });
    await end(client, 'commit');
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 20_000 });
  });

  test('does not lock another out that accepts the same tickets the other way round', async () => {
    const tickets = Array.from({ length: 30 }, (_, at) => ({ change: change(`TICKET-${at}`) }));
    await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        const client = await begun();
        await outbox.acceptMany(at % 2 === 0 ? tickets : tickets.toReversed(), { tx: client });
        await end(client, 'commit');
      }),
    );
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 240 });
  });
});

describe.each(['repeatable read', 'serializable'])('transactions that are %s', (isolation) => {
  test('accept changes of different tickets side by side', async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => begun(isolation)));
    for (let step = 0; step < 5; step += 1) {
      await Promise.all(
        clients.map((tx, at) => outbox.accept(change(`TICKET-${at}`, `STEP-${step}`), { tx })),
      );
    }
    await Promise.all(clients.map((client) => end(client, 'commit')));
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 30 });
  });

  test('fail with 40001 where they meet at a ticket, and can be repeated with the same id', async () => {
    const [first, second] = [await begun(isolation), await begun(isolation)];
    await second.query('select 1');
    await outbox.accept(change('TICKET-1', 'A'), { tx: first });
    const id = randomUUID();
    const tried = outbox
      .accept(change('TICKET-1', 'B'), { tx: second, id })
      .catch((error: unknown) => error);
    await end(first, 'commit');
    expect(await tried).toMatchObject({ code: '40001' });
    await end(second, 'rollback');
    const again = await begun(isolation);
    await outbox.accept(change('TICKET-1', 'B'), { tx: again, id });
    await end(again, 'commit');
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 2 });
  });
});

describe('the surroundings of a client', () => {
  test.each([
    ['leaves all types as text', { getTypeParser: () => String }],
    [
      'makes something else of numbers, dates and JSON',
      { getTypeParser: (oid: number) => (oid === 25 ? String : () => ({ odd: true })) },
    ],
  ])('do not matter: a pool that %s', async (_, types) => {
    const odd = new pg.Pool({ connectionString: server.url, max: 5, types });
    odd.on('error', () => {});
    const { outbox: own, until } = await trialOf((onEvent) =>
      createPostgresOutbox({ pool: odd, pace: 'burst', onEvent }),
    );
    expect(own.capabilities.liveness).toBe('session');
    const id = await own.accept(change('TICKET-1'));
    await own.accept(change('TICKET-2'));
    await own.run(
      delivering(({ change: { ticketId } }) =>
        ticketId === 'TICKET-1' ? { kind: 'dead', reason: 'no way' } : { kind: 'done' },
      ),
    );
    await until(ended('dead'));
    await until(ended('done'));
    expect(await own.inspect.dead()).toMatchObject([
      { id, acceptedAt: expect.any(Date), endedAt: expect.any(Date) },
    ]);
    expect(await own.inspect.budgets()).toMatchObject([{ key: 'default', sent: 2 }]);
    expect(await own.inspect.change(id)).toMatchObject({ kind: 'dead', attempts: 1 });
    await own.close();
    await odd.end();
  });

  test('do not matter: functions and operators of the same name in the search path', async () => {
    await pool.query(`
      create schema if not exists hostile;
      create or replace function hostile.clock_timestamp() returns timestamptz
        language sql as $$ select timestamptz '1999-01-01' $$;
      create or replace function hostile.nextval(text) returns bigint
        language plpgsql as $$ begin raise exception 'called'; end $$;
      create or replace function hostile.jsonb_build_object(text, text) returns jsonb
        language plpgsql as $$ begin raise exception 'called'; end $$;
      create or replace function hostile.split_part(text, text, int) returns text
        language plpgsql as $$ begin raise exception 'called'; end $$;`);
    const options = '-c search_path=hostile,pg_catalog,public';
    const odd = new pg.Pool({ connectionString: server.url, max: 5, options });
    odd.on('error', () => {});
    const { outbox: own, until } = await trialOf((onEvent) =>
      createPostgresOutbox({ pool: odd, pace: 'burst', onEvent }),
    );
    const id = await own.accept(change('TICKET-1'));
    await own.run(delivering());
    await until(ended('done'));
    const found = await own.inspect.change(id);
    expect(found?.acceptedAt.getFullYear()).toBeGreaterThan(2000);
    await own.close();
    await odd.end();
  });

  test('a clock of the process that is ahead sends nothing early', async () => {
    const { outbox: own, until } = await trialOf((onEvent) =>
      createPostgresOutbox({ pool, pace: 'burst', onEvent }),
    );
    const soon = new Date(Date.now() + 3_600_000);
    const real = Date.now;
    Date.now = () => real() + 7_200_000;
    const id = await own
      .accept(change('TICKET-1'), { notBefore: soon })
      .finally(() => (Date.now = real));
    await own.accept(change('TICKET-2'));
    await own.run(delivering());
    await until(ended('done'));
    expect(await own.inspect.change(id)).toMatchObject({ kind: 'later', notBefore: soon });
    await own.close();
  });
});
