import { startSandbox, type RunningSandbox } from '@ticket-lifecycle/sandbox';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createService } from '../example/service.ts';
import { eventually } from './support/fleet.ts';
import { poolOf, startPostgres, type PostgresServer } from './support/postgres-server.ts';

let server: PostgresServer;
let pool: pg.Pool;
let sandbox: RunningSandbox;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url);
  sandbox = await startSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
}, 60_000);
afterAll(async () => {
  await sandbox.close();
  await pool.end();
  await server.stop();
});

test(
  'the example service answers at once, and the change arrives in its order',
  { timeout: 30_000 },
  async () => {
    const apiKey = async (name: string) => `key-of-${name}`;
    const app = await createService({ pool, apiKey, baseUrl: sandbox.url });
    const change = (event: string, ticket = 'TICKET-1') =>
      app.inject({
        method: 'POST',
        url: `/north/tickets/${ticket}/changes`,
        payload: { event, staff: 7 },
      });
    expect((await change('START')).statusCode).toBe(202);
    expect((await change('RESOLVE')).statusCode).toBe(202);
    expect((await change('START', '..%2F..')).statusCode).toBe(400);
    const { systemMessages } = sandbox.sandbox;
    await eventually(async () => systemMessages.length === 2, 10_000);
    expect(sandbox.sandbox.tickets.get('TICKET-1')?.status).toBe('resolved');
    expect((await pool.query('select event from audit order by at')).rows).toEqual([
      { event: 'START' },
      { event: 'RESOLVE' },
    ]);
    await app.close();
  },
);

test('stored changes name their key and do not hold it', async () => {
  const { rows } = await pool.query<{ all: string }>(
    'select string_agg(change::text, chr(10)) as all from ticket_outbox.outbox_change',
  );
  expect(rows[0]?.all).toContain('north');
  expect(rows[0]?.all).not.toContain('key-of-north');
});
