import type { PGlite } from '@electric-sql/pglite';
import { fromPglite, PgBoss } from 'pg-boss';
import type pg from 'pg';
import { checkOutboxOptions, type OutboxOptions } from '../../src/create-outbox.ts';
import type { Store } from '../../src/model/store.ts';
import { databaseOf, queryableOf, type Database } from '../../src/sql/database.ts';
import { install } from '../../src/sql/install.ts';
import { createSqlStore } from '../../src/sql/sql-store.ts';

const options: OutboxOptions = { pace: 'burst' };
const settings = checkOutboxOptions('test', options, {});

/** The store on a pool, by itself: without the outbox that the package puts around it. */
export async function openPostgresStore(pool: pg.Pool, schema: string): Promise<Store<never>> {
  const boss = new PgBoss({ db: queryableOf(pool), schema, schedule: false, supervise: false });
  await boss.start();
  const database = databaseOf(pool);
  const names = await install(boss, database, queryableOf(pool), schema);
  const onClose = () => boss.stop({ graceful: false, close: false });
  const { session } = database;
  return createSqlStore({ boss, database, names, settings, session, onClose });
}

/** The store on a PGlite of its own, in memory. */
export async function openPgliteStore(pglite: PGlite, schema: string): Promise<Store<never>> {
  const db = fromPglite(pglite);
  const boss = new PgBoss({ db, backend: 'pglite', schema, schedule: false, supervise: false });
  await boss.start();
  const database: Database = {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pglite.query(text, [...values])).rows as Row[],
    transaction: (work) =>
      pglite.transaction((tx) =>
        work(queryableOf({ query: (text, values) => tx.query(text, values) })),
      ),
    session: undefined,
  };
  const names = await install(boss, database, db, schema);
  const onClose = () => boss.stop({ graceful: false, close: false });
  const parts = { boss, database, names, settings, session: undefined, onClose };
  return createSqlStore(parts);
}
