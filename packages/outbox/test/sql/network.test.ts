import { afterAll, beforeAll } from 'vitest';
import type pg from 'pg';
import { networkContract } from '../support/network-contract.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { openPostgresStore } from '../support/sql-stores.ts';

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 10);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

networkContract('on Postgres', () => openPostgresStore(pool, 'ticket_outbox'));
