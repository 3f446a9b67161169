import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll } from 'vitest';
import type pg from 'pg';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { openPgliteStore, openPostgresStore } from '../support/sql-stores.ts';
import { storeContract } from '../support/store-contract.ts';

let server: PostgresServer;
let pool: pg.Pool;
let pglite: PGlite;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 10);
  pglite = await PGlite.create();
}, 60_000);
afterAll(async () => {
  await pglite.close();
  await pool.end();
  await server.stop();
});

const tables = ['worker', 'budget', 'slot', 'attempt', 'ticket'].map(
  (name) => `ticket_outbox.outbox_${name}`,
);
const emptied = `truncate ${tables.join(', ')}; delete from ticket_outbox.job`;

storeContract('on Postgres', async () => {
  const store = await openPostgresStore(pool, 'ticket_outbox');
  await pool.query(emptied);
  return store;
});

storeContract('on PGlite', async () => {
  const store = await openPgliteStore(pglite, 'ticket_outbox');
  await pglite.exec(emptied);
  return store;
});
