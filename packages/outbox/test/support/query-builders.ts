import type { PGlite } from '@electric-sql/pglite';
import { sql as drizzleSql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { drizzle as drizzleOnPglite } from 'drizzle-orm/pglite';
import createKnex from 'knex';
import {
  CamelCasePlugin,
  Kysely,
  ParseJSONResultsPlugin,
  PGliteDialect,
  PostgresDialect,
  sql as kyselySql,
  type Dialect,
  type Transaction as KyselyTransaction,
} from 'kysely';
import type pg from 'pg';
import { fromDrizzle, fromKnex, fromKysely, type Queryable } from '../../src/index.ts';

/** A transaction of a query builder: what `accept` joins, and a row of the service's own in it. */
export interface BuilderTransaction {
  readonly tx: Queryable;
  readonly insert: (ticketId: string) => PromiseLike<unknown>;
  /** A savepoint in it, which the error of `work` rolls back. */
  readonly nested: (work: (inner: BuilderTransaction) => Promise<void>) => Promise<void>;
}

/** A query builder as a service uses it. */
export interface Builder {
  /** Commits when `work` resolves, and rolls back when it rejects. */
  transaction(work: (transaction: BuilderTransaction) => Promise<void>): Promise<void>;
  /** What its adapter makes of the builder itself, which is in no transaction. */
  readonly outside: Queryable;
  close(): Promise<void>;
}

export function knexBuilder(connectionString: string): Builder {
  const knex = createKnex({
    client: 'pg',
    connection: connectionString,
    // As services do it whose columns have other names than their fields.
    postProcessResponse: (result: { rows?: object[] }) =>
      result.rows === undefined ? result : { ...result, rows: result.rows.map(camelCased) },
  });
  const joined = (trx: createKnex.Knex.Transaction): BuilderTransaction => ({
    tx: fromKnex(trx),
    insert: (id) => trx('ticket').insert({ id }),
    nested: (work) => trx.transaction((inner) => work(joined(inner))),
  });
  return {
    transaction: (work) => knex.transaction((trx) => work(joined(trx))),
    outside: fromKnex(knex),
    close: () => knex.destroy(),
  };
}

const camelCased = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );

interface Tables {
  readonly ticket: { readonly id: string };
}

export const kyselyBuilder = (pool: pg.Pool): Builder =>
  kyselyOn(new PostgresDialect({ pool: keptOpen(pool) }));

export const kyselyPgliteBuilder = (pglite: PGlite): Builder =>
  kyselyOn(new PGliteDialect({ pglite }));

function kyselyOn(dialect: Dialect): Builder {
  // Plugins that change the names and the values of what is read.
  const plugins = [new CamelCasePlugin(), new ParseJSONResultsPlugin()];
  const db = new Kysely<Tables>({ dialect, plugins });
  const joined = (trx: KyselyTransaction<Tables>): BuilderTransaction => ({
    tx: fromKysely(trx),
    insert: (id) => trx.insertInto('ticket').values({ id }).execute(),
    async nested(work) {
      await kyselySql`savepoint inner_one`.execute(trx);
      try {
        await work(joined(trx));
      } catch (error) {
        await kyselySql`rollback to savepoint inner_one`.execute(trx);
        throw error;
      }
    },
  });
  return {
    transaction: (work) => db.transaction().execute((trx) => work(joined(trx))),
    outside: fromKysely(db),
    close: async () => {},
  };
}

/** Kysely ends the pool that it was given; the tests go on with theirs. */
const keptOpen = (pool: pg.Pool) => ({
  connect: () => pool.connect(),
  end: async () => {},
  options: pool.options,
});

const ticket = pgTable('ticket', { id: text().primaryKey() });

type DrizzleDatabase = ReturnType<typeof drizzle> | ReturnType<typeof drizzleOnPglite>;
type DrizzleTransaction = Parameters<Parameters<DrizzleDatabase['transaction']>[0]>[0];

export const drizzleBuilder = (pool: pg.Pool): Builder => drizzleOn(drizzle(pool));

export const drizzlePgliteBuilder = (pglite: PGlite): Builder => drizzleOn(drizzleOnPglite(pglite));

function drizzleOn(db: DrizzleDatabase): Builder {
  const joined = (tx: DrizzleTransaction): BuilderTransaction => ({
    tx: fromDrizzle(tx, drizzleSql),
    insert: (id) => tx.insert(ticket).values({ id }),
    nested: (work) => tx.transaction((inner) => work(joined(inner))),
  });
  return {
    transaction: (work) => db.transaction((tx) => work(joined(tx))),
    outside: fromDrizzle(db, drizzleSql),
    close: async () => {},
  };
}
