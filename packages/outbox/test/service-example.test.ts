import { startSandbox, type RunningSandbox } from '@ticket-lifecycle/sandbox';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, createService } from '../example/service.ts';
import { createPostgresOutbox } from '../src/index.ts';
import { eventually } from './support/fleet.ts';
import { change as changeOf, delivering } from './support/trial.ts';
import { poolOf, startPostgres, type PostgresServer } from './support/postgres-server.ts';

let server: PostgresServer;
let pool: pg.Pool;
let sandbox: RunningSandbox;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = createPool(server.url);
  sandbox = await startSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
});
afterAll(async () => {
  await sandbox.close();
  await pool.end();
  await server.stop();
});

test('the example service answers at once, and the change arrives in its order', async () => {
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
  await eventually(async () => systemMessages.length === 2);
  expect(sandbox.sandbox.tickets.get('TICKET-1')?.status).toBe('resolved');
  expect((await pool.query('select event from audit order by at')).rows).toEqual([
    { event: 'START' },
    { event: 'RESOLVE' },
  ]);
  await app.close();
});

test('stored changes name their key and do not hold it', async () => {
  const { rows } = await pool.query<{ all: string }>(
    'select string_agg(change::text, chr(10)) as all from ticket_outbox.outbox_change',
  );
  expect(rows[0]?.all).toContain('north');
  expect(rows[0]?.all).not.toContain('key-of-north');
});

describe('a restart of Postgres', () => {
  test('is survived by the example, as it is written', async ({ skip }) => {
    const { restart } = server;
    if (restart === undefined) return skip('The server of DATABASE_URL is not ours to restart.');
    const apiKey = async (name: string) => `key-of-${name}`;
    const app = await createService({ pool, apiKey, baseUrl: sandbox.url });
    const { systemMessages } = sandbox.sandbox;
    const before = systemMessages.length;
    await restart();
    const ask = () =>
      app.inject({
        method: 'POST',
        url: '/north/tickets/TICKET-1/changes',
        payload: { event: 'CLOSE', staff: 7 },
      });
    // The first connections may still be the old ones.
    await eventually(async () => (await ask()).statusCode === 202);
    await eventually(async () => systemMessages.length > before);
    expect(pool.listenerCount('error')).toBe(1);
    await app.close();
  });

  test('is survived by a request that is in its transaction', async ({ skip }) => {
    const { restart } = server;
    if (restart === undefined) return skip('The server of DATABASE_URL is not ours to restart.');
    const app = await createService({ pool, apiKey: async () => 'a-key', baseUrl: sandbox.url });
    // It waits for the gate of its ticket.
    const other = poolOf(server.url, 1);
    const holder = await other.connect();
    holder.on('error', () => {});
    await holder.query('begin; lock table ticket_outbox.outbox_gate');
    const payload = { event: 'CLOSE', staff: 7 };
    const url = '/north/tickets/TICKET-2/changes';
    const asked = app.inject({ method: 'POST', url, payload });
    await eventually(async () => {
      const { rowCount } = await pool.query(`select from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%outbox_accept%'`);
      return rowCount === 1;
    });
    await restart();
    expect((await asked).statusCode).toBe(500);
    holder.release(true);
    await other.end();
    await app.close();
  });

  test('is survived by a pool that nobody listens to: the outbox does', async ({ skip }) => {
    const { restart } = server;
    if (restart === undefined) return skip('The server of DATABASE_URL is not ours to restart.');
    const unheard = new pg.Pool({ connectionString: server.url });
    const errors: unknown[] = [];
    let done = 0;
    const outbox = await createPostgresOutbox({
      pool: unheard,
      schema: 'unheard',
      onEvent(event) {
        if (event.type === 'error') errors.push(event.error);
        if (event.type === 'ended') done += 1;
      },
    });
    await outbox.run(delivering());
    await restart();
    await eventually(async () => {
      await outbox.accept(changeOf('TICKET-1')).catch(() => {});
      return done > 0;
    });
    expect(unheard.listenerCount('error')).toBe(1);
    expect(errors.length).toBeGreaterThan(0);
    await outbox.close();
    await unheard.end();
  });
});
