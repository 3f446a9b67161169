import { PGlite } from '@electric-sql/pglite';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
import { createPostgresStatusStore } from '@ticket-lifecycle/series/postgres';
import { auditLogCases, statusStoreCases } from '@ticket-lifecycle/series/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';

// The stores of series are tried here, where a Postgres is at hand.

let server: PostgresServer;
let pool: pg.Pool;
let pglite: PGlite;
let tables = 0;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url);
  pglite = new PGlite();
});
afterAll(async () => {
  await pool.end();
  await pglite.close();
  await server.stop();
});
const fresh = () => ({ table: `status_${(tables += 1)}` });

describe.each([
  ['a pool of pg', () => createPostgresStatusStore(pool, fresh())],
  ['PGlite', () => createPostgresStatusStore(pglite, fresh())],
  [
    'a function that gives rows alone, as postgres.js does',
    () =>
      createPostgresStatusStore(
        async (text, values) => (await pool.query<object>(text, values)).rows,
        fresh(),
      ),
  ],
] as const)('the store on Postgres with %s', (_, open) => {
  test.each(statusStoreCases.map(({ title, run }) => [title, run] as const))(
    '%s',
    async (_title, run) => expect(run(open())).resolves.toBeUndefined(),
  );

  test.each(auditLogCases.map(({ title, run }) => [title, run] as const))(
    'its audit log: %s',
    async (_title, run) => expect(run(open())).resolves.toBeUndefined(),
  );
});

test.each([
  ['a pool of pg', () => pool],
  ['PGlite', () => pglite],
] as const)('two keys on %s need two tables', async (_, database) => {
  const open = (keyId: string, table: string) => {
    const { fetch } = createSandbox({ tickets: [{ ticketId: 'T-1' }] });
    const client = createSeriesClient({ apiKey: `key-of-${keyId}`, keyId, fetch });
    const store = createPostgresStatusStore(database(), { table });
    return createTicketWorkflow({ lifecycle: ticketLifecycle, client, store });
  };
  const { table } = fresh();
  const north = open('north', table);
  expect(() => open('south', table)).toThrow('It serves the key "north"');
  const south = open('south', fresh().table);
  await north.apply('T-1', 'START', { staffUserId: 7 });
  expect((await north.where('T-1')).state).toBe('in-progress');
  expect((await south.where('T-1')).state).toBe('open');
});

describe('the table on Postgres', () => {
  test('is made once, by however many processes at once', async () => {
    const options = fresh();
    const stores = Array.from({ length: 10 }, () => createPostgresStatusStore(pool, options));
    await Promise.all(
      stores.map(async (store, at) => store.set(`T-${at}`, { state: 'open', seenAt: at })),
    );
    expect(await stores[0]?.list(['open'])).toHaveLength(10);
  });

  test('may be used by a user who may create none', async () => {
    const options = fresh();
    await createPostgresStatusStore(pool, options).set('T-1', { state: 'open', seenAt: 1 });
    await pool.query(`DROP ROLE IF EXISTS reader`);
    await pool.query(`CREATE ROLE reader LOGIN PASSWORD 'reader'`);
    await pool.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    await pool.query(`GRANT SELECT ON ${options.table}, ${options.table}_version TO reader`);
    const url = new URL(server.url);
    const reader = new pg.Client({
      host: url.hostname,
      port: Number(url.port),
      database: url.pathname.slice(1),
      user: 'reader',
      password: 'reader',
    });
    await reader.connect();
    try {
      const known = await createPostgresStatusStore(reader, options).get('T-1');
      expect(known).toEqual({ state: 'open', seenAt: 1 });
    } finally {
      await reader.end();
    }
  });

  test('is asked for again by the next call where the database was away', async () => {
    let isAway = true;
    const store = createPostgresStatusStore(async (text, values) => {
      if (isAway) throw new Error('away');
      return pool.query<object>(text, values);
    }, fresh());
    await expect(store.get('T-1')).rejects.toThrow('away');
    isAway = false;
    expect(await store.get('T-1')).toBeUndefined();
  });

  test('of a newer version is left alone, and the error says what to do', async () => {
    const options = fresh();
    await createPostgresStatusStore(pool, options).get('T-1');
    await pool.query(`UPDATE ${options.table}_version SET version = 2`);
    await expect(createPostgresStatusStore(pool, options).get('T-1')).rejects.toThrow(
      'has version 2, and this package knows 1. Install the newer version',
    );
  });

  test('has a name that needs no quotes', () => {
    for (const table of ['', 'a b', 'a; DROP TABLE b', 'Seen']) {
      expect(() => createPostgresStatusStore(pool, { table })).toThrow('option "table" must be');
    }
  });
});
