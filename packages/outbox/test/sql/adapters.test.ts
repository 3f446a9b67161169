import { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createPgliteOutbox,
  createPostgresOutbox,
  fromDrizzle,
  fromKnex,
  fromKysely,
  fromPrisma,
  InvalidChangeError,
  type Outbox,
  type OutboxOptions,
  type Queryable,
  type Transaction,
} from '../../src/index.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import {
  drizzleBuilder,
  drizzlePgliteBuilder,
  knexBuilder,
  kyselyBuilder,
  kyselyPgliteBuilder,
  type Builder,
} from '../support/query-builders.ts';
import { change, delivering, ended, eventOf, trialOf } from '../support/trial.ts';

/** What the service and the outbox share in a test. */
interface Backend {
  open(options?: OutboxOptions): Promise<Outbox<Transaction>>;
  query(text: string): Promise<{ rows: unknown[] }>;
}

let server: PostgresServer;
let pool: pg.Pool;
let pglite: PGlite;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 20);
  pglite = await PGlite.create();
  for (const backend of [onPostgres, onPglite]) {
    await backend.query('create table ticket (id text primary key)');
  }
});
afterAll(async () => {
  await pglite.close();
  await pool.end();
  await server.stop();
});

const onPostgres: Backend = {
  open: (options) => createPostgresOutbox({ pool, pace: 'burst', ...options }),
  query: (text) => pool.query(text),
};
const onPglite: Backend = {
  open: (options) => createPgliteOutbox({ pglite, pace: 'burst', ...options }),
  query: (text) => pglite.query(text),
};

describe.each<[string, Backend, () => Builder]>([
  ['Knex on Postgres', onPostgres, () => knexBuilder(server.url)],
  ['Kysely on Postgres', onPostgres, () => kyselyBuilder(pool)],
  ['Kysely on PGlite', onPglite, () => kyselyPgliteBuilder(pglite)],
  ['Drizzle on Postgres', onPostgres, () => drizzleBuilder(pool)],
  ['Drizzle on PGlite', onPglite, () => drizzlePgliteBuilder(pglite)],
])('a transaction of %s', (_, backend, build) => {
  let outbox: Outbox<Transaction>;
  let builder: Builder;
  beforeAll(async () => {
    outbox = await backend.open();
    builder = build();
  });
  afterAll(async () => {
    await builder.close();
    await outbox.close();
  });
  beforeEach(async () => {
    await backend.query('truncate ticket');
    await backend.query(emptyTables());
  });

  const rows = async () => (await backend.query('select id from ticket order by id')).rows;

  test('commits the change with the rows of the service, and the change is delivered', async () => {
    // The question marks and the places for values are data here.
    const text = `What? $1, \\? and ? 'are' {"data": [null]} – ∀`;
    await builder.transaction(async ({ tx, insert }) => {
      await insert('TICKET-1');
      for (const event of ['START', 'RESOLVE']) {
        await outbox.accept(change('TICKET-1', event, { context: text }), { tx });
      }
    });
    expect(await rows()).toEqual([{ id: 'TICKET-1' }]);
    const seen: unknown[] = [];
    const trial = await trialOf((onEvent) => backend.open({ onEvent }));
    await trial.outbox.run(
      delivering((delivery) => {
        seen.push([delivery.change.ticketId, eventOf(delivery), delivery.change.context]);
        return { kind: 'done' };
      }),
    );
    await trial.until(ended('done'), 2);
    await trial.outbox.close();
    expect(seen).toEqual([
      ['TICKET-1', 'START', text],
      ['TICKET-1', 'RESOLVE', text],
    ]);
  });

  test('takes the change back with them when it is rolled back', async () => {
    const refused = new Error('The service says no.');
    const work = builder.transaction(async ({ tx, insert }) => {
      await insert('TICKET-1');
      await outbox.accept(change('TICKET-1'), { tx });
      throw refused;
    });
    await expect(work).rejects.toBe(refused);
    expect(await rows()).toEqual([]);
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
  });

  test('takes back what a savepoint held, and nothing else', async () => {
    await builder.transaction(async ({ tx, nested }) => {
      await outbox.accept(change('TICKET-1'), { tx });
      const inner = nested(async (savepoint) => {
        await savepoint.insert('TICKET-2');
        await outbox.accept(change('TICKET-2'), { tx: savepoint.tx });
        throw new Error('not this one');
      });
      await expect(inner).rejects.toThrow('not this one');
      await outbox.accept(change('TICKET-3'), { tx });
    });
    expect(await rows()).toEqual([]);
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 2 });
  });

  test('tells of an id that another change has, as a client of pg does', async () => {
    const id = '0197a3f0-0000-7000-8000-000000000001';
    await outbox.accept(change('TICKET-1'), { id });
    const work = builder.transaction(async ({ tx }) => {
      await outbox.accept(change('TICKET-2'), { id, tx });
    });
    await expect(work).rejects.toSatisfy((error) => InvalidChangeError.is(error));
    await expect(work).rejects.toThrow(/^accept: Another change has the id [\da-f-]{36}\.$/);
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
  });

  test('is needed: the builder itself is refused, and nothing is stored', async () => {
    for (let time = 0; time < 2; time += 1) {
      await expect(outbox.accept(change('TICKET-1'), { tx: builder.outside })).rejects.toThrow(
        'accept: "tx" must be a client in a transaction. Begin one, and commit it after accept.',
      );
    }
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
  });

  test('is joined while it is open: afterwards, nothing is stored', async () => {
    let over: Transaction | undefined;
    await builder.transaction(async ({ tx }) => {
      await outbox.accept(change('TICKET-1'), { tx });
      over = tx;
    });
    expect(over).toBeDefined();
    await expect(outbox.accept(change('TICKET-2'), { tx: over as Transaction })).rejects.toThrow();
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
  });
});

const notTheirs = [undefined, null, 7, 'trx', {}, { raw: 'x', executeQuery: 1, execute: true }, []];
const drizzleTag = Object.assign(() => ({}), { param: (value: unknown) => value });

describe('what is not of that library', () => {
  test.each<[string, (given: never) => unknown, string]>([
    ['fromKnex', fromKnex, 'fromKnex: "trx" must be a transaction of Knex, with a method "raw"'],
    [
      'fromKysely',
      fromKysely,
      'fromKysely: "trx" must be a transaction of Kysely, with a method "executeQuery"',
    ],
    [
      'fromDrizzle',
      (given) => fromDrizzle(given, drizzleTag),
      'fromDrizzle: "tx" must be a transaction of Drizzle, with a method "execute"',
    ],
    [
      'fromDrizzle',
      (given) => fromDrizzle({ execute: async () => [] }, given),
      'fromDrizzle: "sql" must be the tag "sql" of drizzle-orm, with a method "param"',
    ],
    [
      'fromPrisma',
      fromPrisma,
      'fromPrisma: "tx" must be an interactive transaction of Prisma, with a method "$queryRawUnsafe"',
    ],
  ])('is refused at once by %s (%#)', (_, adapt, message) => {
    for (const given of notTheirs) {
      expect(() => adapt(given as never)).toThrow(TypeError);
      expect(() => adapt(given as never)).toThrow(message);
    }
  });

  test.each<[string, unknown]>([
    ['a number', 7],
    ['nothing', undefined],
    ['no rows', {}],
    ['no row', { rows: [] }],
    ['the rows and fields of MySQL', [[{ result: '{}' }], []]],
    ['a column under another name', { rows: [{ RESULT: '{}' }] }],
    ['a value that was parsed', { rows: [{ result: { stored: true } }] }],
  ])('is refused by its answer: %s', async (_, answer) => {
    const outbox = await onPglite.open();
    const adapted = [
      fromKnex({ raw: async () => answer }),
      fromKysely({ executeQuery: async () => answer as never }),
      fromDrizzle({ execute: async () => answer }, drizzleTag),
      fromPrisma({ $queryRawUnsafe: async () => answer }),
      { query: async () => answer as never },
    ];
    for (const tx of adapted) {
      await expect(outbox.accept(change('TICKET-1'), { tx })).rejects.toThrow(
        'The answer to a statement must be one row with a text in the column "result"',
      );
    }
    await outbox.close();
  });
});

test.each([0, 1, 2, 5])(
  'an id that another change has is told, where a library wraps the error %i times',
  async (times) => {
    const outbox = await onPglite.open();
    const id = randomUUID();
    await outbox.accept(change('TICKET-1'), { id });
    const work = pglite.transaction(async (tx) => {
      const wrapping: Queryable = {
        executeSql: (text, values) =>
          tx.query(text, values).catch((error: unknown) => {
            let wrapped = error;
            for (let time = 0; time < times; time += 1) {
              wrapped = new Error('Failed query', { cause: wrapped });
            }
            throw wrapped;
          }),
      };
      await outbox.accept(change('TICKET-2'), { id, tx: wrapping });
    });
    await expect(work).rejects.toSatisfy((error) => InvalidChangeError.is(error));
    await outbox.close();
  },
);

test('an error whose causes go in a circle is passed on', async () => {
  const outbox = await onPglite.open();
  const error = new Error('The connection is gone.');
  error.cause = new Error('as before', { cause: error });
  const tx: Queryable = { executeSql: () => Promise.reject(error) };
  await expect(outbox.accept(change('TICKET-1'), { tx })).rejects.toBe(error);
  await outbox.close();
});

test('the guide names the versions that are tested here', async () => {
  const guide = new URL('../../../../docs/guides/fleet.md', import.meta.url);
  const text = await readFile(guide, 'utf8');
  for (const [name, folder] of [
    ['Knex', 'knex'],
    ['Kysely', 'kysely'],
    ['Drizzle', 'drizzle-orm'],
  ] as const) {
    const manifest = new URL(`../../node_modules/${folder}/package.json`, import.meta.url);
    const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
    expect(text).toContain(`${name} ${version.split('.').slice(0, 2).join('.')}`);
  }
});
