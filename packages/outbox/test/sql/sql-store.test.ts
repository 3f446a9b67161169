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

storeContract('on Postgres', () => openPostgresStore(pool, 'ticket_outbox'));
storeContract('on PGlite', () => openPgliteStore(pglite, 'ticket_outbox'));
