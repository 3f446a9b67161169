import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { createPostgresOutbox, DatabaseError, type OutboxOptions } from '../../src/index.ts';
import { schemaVersion } from '../../src/sql/install.ts';
import { byHandContract } from '../support/by-hand-contract.ts';
import { circuitContract } from '../support/circuit-contract.ts';
import { contract } from '../support/contract.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { eventually } from '../support/fleet.ts';
import { identityContract } from '../support/identity-contract.ts';
import { poolerOf } from '../support/pooler.ts';
import {
  freePort,
  poolOf,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.ts';
import { change, delivering, ended, trialOf } from '../support/trial.ts';

const schema = 'ticket_outbox';
let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 30);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

/** Opens an outbox on tables that are empty: making a schema anew would take longer than a test. */
async function open(options: OutboxOptions) {
  const outbox = await createPostgresOutbox({ pool, schema, pace: 'burst', ...options });
  await pool.query(emptyTables(schema));
  return outbox;
}

contract('on Postgres', open);
identityContract('on Postgres', open);
byHandContract('on Postgres', open);
circuitContract('on Postgres', open);

test.each([
  [() => ({ pool: undefined as never }), 'option "pool" must be a pool of pg'],
  [
    () => ({ pool: poolOf(server.url, 1) }),
    'option "pool" must be a pool of at least 2 connections',
  ],
  [() => ({ pool, schema: 'Mine' }), 'option "schema"'],
  [
    () => ({ pool, install: 'nevr' as 'never' }),
    'option "install" must be one of "when-needed", "never"',
  ],
])('refuses options that make no sense (%#)', async (options, message) => {
  await expect(createPostgresOutbox(options())).rejects.toThrow(message);
});

test('the sample of changes that autovacuum reads is small, whichever columns there are', async () => {
  const outbox = await open({});
  await outbox.close();
  const { rows } = await pool.query<{ attname: string }>(
    `select attname from pg_attribute where attrelid = '${schema}.outbox_change'::regclass
      and attnum > 0 and not attisdropped and coalesce(attstattarget, -1) not between 0 and 10`,
  );
  expect(rows).toEqual([]);
});

test('says where the database was looked for, and what to check', async () => {
  const nobody = poolOf(`postgres://x@127.0.0.1:${await freePort()}/x`, 2);
  await expect(createPostgresOutbox({ pool: nobody })).rejects.toThrow(
    /could not open the outbox: connect ECONNREFUSED 127\.0\.0\.1:\d+\. Check that Postgres is running/,
  );
  await nobody.end();
});

test('needs a connection more where it writes rows of the service', async () => {
  const small = new pg.Pool({ connectionString: server.url, max: 2 });
  const asked = createPostgresOutbox({ pool: small, schema, onEnd: async () => {} });
  await expect(asked).rejects.toThrow('a pool of at least 3 connections with "onEnd"');
  await (await createPostgresOutbox({ pool: small, schema })).close();
  await small.end();
});

test('keeps to its own limit, whatever the others that accept were told', async () => {
  const accepting = await open({});
  const { outbox, until } = await trialOf((onEvent) =>
    createPostgresOutbox({ pool, schema, pace: 'burst', requestsPerSecond: 2, onEvent }),
  );
  for (let step = 1; step <= 4; step += 1) await accepting.accept(change(`TICKET-${step}`));
  const at: number[] = [];
  await outbox.run(
    delivering(() => {
      at.push(performance.now());
      return { kind: 'done' };
    }),
  );
  await until(ended('done'), 4);
  expect((at[2] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(1000);
  await Promise.all([outbox.close(), accepting.close()]);
});

test('works where transactions see only what was there when they began', async () => {
  await (await open({})).close();
  const options = '-c default_transaction_isolation=serializable';
  const strict = new pg.Pool({ connectionString: server.url, max: 12, options });
  strict.on('error', () => {});
  const trials = await Promise.all(
    [1, 2, 3].map(() =>
      trialOf((onEvent) => createPostgresOutbox({ pool: strict, schema, pace: 'burst', onEvent })),
    ),
  );
  const [first] = trials;
  for (let step = 0; step < 20; step += 1) await first?.outbox.accept(change(`TICKET-${step}`));
  await Promise.all(trials.map(({ outbox }) => outbox.run(delivering())));
  const count = () => trials.flatMap(({ events }) => events.filter(ended('done'))).length;
  await eventually(async () => count() === 20);
  // None of them lost its place for it.
  const ends = trials.flatMap(({ events }) => events.filter(ended()));
  expect(ends.map(({ type }) => type)).toEqual(Array.from({ length: 20 }, () => 'ended'));
  await Promise.all(trials.map(({ outbox }) => outbox.close()));
  await strict.end();
});

test.each([
  [3, "which this release can't upgrade"],
  [schemaVersion + 1, 'Upgrade this process'],
])('refuses the schema of another release: version %i', async (version, message) => {
  const place = { pool, schema: `of_version_${version}` };
  await (await createPostgresOutbox(place)).close();
  await pool.query(`update ${place.schema}.outbox_version set version = $1`, [version]);
  for (const install of ['when-needed', 'never'] as const) {
    await expect(createPostgresOutbox({ ...place, install })).rejects.toThrow(message);
  }
});

test('a role with the rights that the guide names accepts, delivers and looks', async () => {
  const place = 'of_a_service';
  await (await createPostgresOutbox({ pool, schema: place })).close();
  await pool.query(`create role ticket_service;
    grant usage on schema ${place} to ticket_service;
    grant usage, select on all sequences in schema ${place} to ticket_service;
    grant select, insert, update, delete on all tables in schema ${place} to ticket_service`);
  const url = new URL(server.url);
  url.searchParams.set('options', '-c role=ticket_service');
  const its = poolOf(url.href, 4);
  const { outbox, until, events } = await trialOf((onEvent) =>
    createPostgresOutbox({ pool: its, schema: place, install: 'never', pace: 'burst', onEvent }),
  );
  await outbox.accept(change('TICKET-1'));
  await outbox.run(delivering());
  await until(ended('done'));
  expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0, dead: 0 });
  await outbox.close();
  expect(events.filter(({ type }) => type === 'error')).toEqual([]);
  await its.end();
  await pool.query('drop owned by ticket_service; drop role ticket_service');
});

test('every listener is told of an error of the pool', async () => {
  const its = new pg.Pool({ connectionString: server.url, max: 2 });
  const told: string[] = [];
  const outbox = await createPostgresOutbox({
    pool: its,
    schema,
    onEvent: ({ type }) => told.push(`option: ${type}`),
  });
  const stop = outbox.on(({ type }) => told.push(`listener: ${type}`));
  its.emit('error', new Error('gone'));
  stop();
  its.emit('error', new Error('gone again'));
  expect(told).toEqual(['option: error', 'listener: error', 'option: error']);
  await outbox.close();
  await its.end();
});

test('can be run after it could not begin', async () => {
  const outbox = await open({});
  await pool.query(`alter table ${schema}.outbox_worker rename to outbox_gone`);
  await expect(outbox.run(delivering())).rejects.toMatchObject({
    message: expect.stringMatching(
      /^The database could not start the worker: .*outbox_worker/,
    ) as string,
    code: '42P01',
  });
  await pool.query(`alter table ${schema}.outbox_gone rename to outbox_worker`);
  await outbox.run(delivering());
  await outbox.close();
  await expect.poll(() => pool.totalCount - pool.idleCount).toBe(0);
});

test('does not begin on a pool that was ended, and says so at once', async () => {
  const its = poolOf(server.url, 4);
  const { outbox, events } = await trialOf((onEvent) =>
    createPostgresOutbox({ pool: its, schema, onEvent }),
  );
  await its.end();
  const told = new TypeError(
    'The pool of this outbox was ended. End it only after outbox.close(), and open another outbox on a new pool.',
  );
  await expect(outbox.run(delivering())).rejects.toThrow(told);
  expect(events).toEqual([{ type: 'error', error: told }]);
  await outbox.close();
  await expect(createPostgresOutbox({ pool: its, schema })).rejects.toThrow(told);
});

describe('a worker that starts while connections are cut', () => {
  const cuts: readonly (readonly [string, Error])[] = [
    [
      'the server shuts down',
      Object.assign(new Error('terminating connection'), { code: '57P01' }),
    ],
    ['the server can not be reached', Object.assign(new Error('no'), { code: 'ECONNREFUSED' })],
    ['its connection ends', new Error('Connection terminated unexpectedly')],
    ['its connection was broken before', new Error('Client has encountered a connection error')],
  ];

  /** A pool that gives so many broken connections from now on. */
  function breaking(error: Error) {
    let broken = 0;
    const connect = async () => {
      if (broken === 0) return pool.connect();
      broken -= 1;
      throw error;
    };
    const query: pg.Pool['query'] = pool.query.bind(pool);
    return { pool: { connect, query } as pg.Pool, break: (count: number) => (broken = count) };
  }

  test.each(cuts)('tries again until it works: %s', async (_, error) => {
    const its = breaking(error);
    const { outbox, until, events } = await trialOf((onEvent) =>
      createPostgresOutbox({ pool: its.pool, schema, onEvent }),
    );
    its.break(3);
    await outbox.run(delivering());
    await outbox.accept(change('TICKET-1'));
    await until(ended('done'));
    expect(events.map(({ type }) => type)).toEqual(['error', 'restored', 'ended']);
    const [told] = events;
    expect(told?.type === 'error' && DatabaseError.is(told.error)).toBe(true);
    await outbox.close();
  });

  test('is closed meanwhile, and does not begin', async () => {
    const its = breaking(new Error('Connection terminated unexpectedly'));
    const { outbox, until } = await trialOf((onEvent) =>
      createPostgresOutbox({ pool: its.pool, schema, onEvent }),
    );
    its.break(Infinity);
    const running = outbox.run(delivering());
    await until(({ type }) => type === 'error');
    await outbox.close();
    await running;
    await expect(outbox.run(delivering())).rejects.toThrow('The outbox is closed.');
    await expect.poll(() => pool.totalCount - pool.idleCount).toBe(0);
  });
});

describe('a setting of the role that keeps an outbox from opening', () => {
  const withOptions = (options: string) =>
    new pg.Pool({ connectionString: server.url, max: 2, options });

  test('is named where it only lets read', async () => {
    const its = withOptions('-c default_transaction_read_only=on');
    await expect(createPostgresOutbox({ pool: its, schema: 'only_read' })).rejects.toThrow(
      'turn default_transaction_read_only off for its role.',
    );
    await its.end();
  });

  test('does not cut the installation off where it limits statements', async () => {
    const its = withOptions('-c statement_timeout=1000');
    const other = await pool.connect();
    await other.query('begin');
    await other.query(`select pg_advisory_xact_lock(hashtextextended('in_a_hurry/install', 0))`);
    const opening = createPostgresOutbox({ pool: its, schema: 'in_a_hurry' });
    await eventually(async () => {
      const { rowCount } = await pool.query(`select from pg_stat_activity
        where wait_event = 'advisory' and query_start < clock_timestamp() - interval '1100 ms'`);
      return rowCount === 1;
    });
    await other.query('commit');
    other.release();
    const outbox = await opening;
    expect(await outbox.inspect.blocked()).toEqual([]);
    await outbox.close();
    await its.end();
  });
});

test('onEnd has its time, also where the role ends a transaction sooner that is idle', async () => {
  const options = '-c idle_in_transaction_session_timeout=300';
  const its = new pg.Pool({ connectionString: server.url, max: 5, options });
  its.on('error', () => {});
  const { outbox, events, until } = await trialOf((onEvent) =>
    createPostgresOutbox({
      pool: its,
      schema,
      onEvent,
      async onEnd(_, tx) {
        await new Promise((resolve) => setTimeout(resolve, 600));
        await tx.query('select 1');
      },
    }),
  );
  await outbox.accept(change('TICKET-1'));
  await outbox.run(delivering());
  await until(ended('done'));
  expect(events.filter(({ type }) => type === 'error')).toEqual([]);
  await outbox.close();
  await its.end();
});

test('closes while the database lets nothing through', async () => {
  const pooler = poolerOf(pool);
  await (await open({})).close();
  const { outbox, until } = await trialOf((onEvent) =>
    createPostgresOutbox({ pool: pooler, schema, timeoutMs: 1, onEvent }),
  );
  await outbox.accept(change('TICKET-1'));
  await outbox.run(
    delivering(() => {
      pooler.cut(true);
      return { kind: 'done' };
    }),
  );
  await until(({ type }) => type === 'error');
  await outbox.close({ drainMs: 1 });
  // Nobody could write down that it is done, so the next one looks.
  const next = await createPostgresOutbox({ pool, schema });
  expect(await next.inspect.depth()).toMatchObject({ underWay: 1 });
  await next.close();
});

test('promises no more than this Postgres is set up to keep', async () => {
  const outbox = await open({});
  const [{ fsync } = { fsync: '' }] = (await pool.query<{ fsync: string }>('show fsync')).rows;
  expect(outbox.capabilities).toEqual({
    transactional: true,
    scope: 'fleet',
    survives: fsync === 'on' ? 'power-loss' : 'process-death',
    liveness: 'session',
  });
  await outbox.close();
});
