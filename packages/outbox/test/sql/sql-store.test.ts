import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type pg from 'pg';
import { checkChange } from '../../src/model/change.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { openPgliteStore, openPostgresStore } from '../support/sql-stores.ts';
import { storeContract } from '../support/store-contract.ts';
import { change } from '../support/trial.ts';

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

test('a change that waits or is under way for more than a minute does not go on', async () => {
  const store = await openPgliteStore(pglite, 'ticket_outbox');
  const life = await store.enter();
  for (const ticket of ['TICKET-1', 'TICKET-2']) {
    await store.accept([{ id: timeOrderedId(), change: checkChange(change(ticket)) }]);
  }
  let taken = 0;
  for (let number = 1; taken === 0; number += 1) {
    taken = (await store.claim(life, { number, most: 1, held: [] })).jobs.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const older = (seconds: number) =>
    pglite.query(`update ticket_outbox.outbox_lane set since = since - $1 * interval '1 second'`, [
      seconds,
    ]);
  await older(50);
  expect(await store.inspect.blocked()).toEqual([]);
  await older(11);
  const blocked = await store.inspect.blocked();
  expect(blocked.map(({ kind }) => kind).toSorted()).toEqual(['underWay', 'waiting']);
  expect(blocked.every(({ since }) => since instanceof Date)).toBe(true);
  await store.close();
});
