import type { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import { checkOutboxOptions, type OutboxOptions } from '../../src/create-outbox.ts';
import type { Store } from '../../src/model/store.ts';
import { databaseOf, queryableOf, type Database } from '../../src/sql/database.ts';
import { install } from '../../src/sql/install.ts';
import { createSqlStore, type SqlStoreOptions } from '../../src/sql/sql-store.ts';
import { emptyTables } from './empty-tables.ts';

const options: OutboxOptions = { pace: 'burst' };
const settings = checkOutboxOptions('test', options, {});

async function open(
  database: Database,
  schema: string,
  more: Pick<SqlStoreOptions, 'session' | 'isAlone' | 'onEnd'>,
): Promise<Store<never>> {
  await install(database, schema);
  await database.query(emptyTables(schema));
  const onClose = async () => {};
  const onError = () => {};
  return createSqlStore({
    database,
    schema,
    settings,
    keepEndedMs: 60_000,
    onClose,
    onError,
    ...more,
  });
}

/** The store on a pool, by itself and empty: without the outbox that the package puts around it. */
export async function openPostgresStore(
  pool: pg.Pool,
  schema: string,
  more: Pick<SqlStoreOptions, 'isAlone'> = {},
): Promise<Store<never>> {
  const database = databaseOf(pool);
  return open(database, schema, { session: database.session, ...more });
}

/** The same on a PGlite. */
export async function openPgliteStore(
  pglite: PGlite,
  schema: string,
  more: Pick<SqlStoreOptions, 'onEnd'> = {},
): Promise<Store<never>> {
  const database: Database = {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pglite.query(text, [...values])).rows as Row[],
    transaction: (work) =>
      pglite.transaction((tx) =>
        work(queryableOf({ query: (text, values) => tx.query(text, values) })),
      ),
    session: undefined,
  };
  return open(database, schema, { session: undefined, ...more });
}
