import { afterAll, beforeAll, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox, type OutboxOptions } from '../src/index.ts';
import { contract } from './contract.ts';
import { poolOf, startPostgres, type PostgresServer } from './postgres-server.ts';
import { change, delivering, ended, trialOf } from './trial.ts';

const schema = 'ticket_outbox';
let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 30);
}, 60_000);
afterAll(async () => {
  await pool.end();
  await server.stop();
});

/** Opens an outbox on tables that are empty: making a schema anew would take longer than a test. */
async function open(options: OutboxOptions) {
  const outbox = await createPostgresOutbox({ pool, schema, pace: 'burst', ...options });
  const tables = ['worker', 'budget', 'slot', 'attempt', 'ticket'].map(
    (name) => `${schema}.outbox_${name}`,
  );
  await pool.query(`truncate ${tables.join(', ')}; delete from ${schema}.job`);
  return outbox;
}

contract('on Postgres', open);

test.each([
  [() => ({ pool: undefined as never }), 'option "pool" must be a pool of pg'],
  [
    () => ({ pool: poolOf(server.url, 1) }),
    'option "pool" must be a pool of at least 2 connections',
  ],
  [() => ({ pool, schema: 'Mine' }), 'option "schema"'],
  [
    () => ({ pool, install: 'nevr' as 'never' }),
    'option "install" must be "when-needed" or "never"',
  ],
])('refuses options that make no sense (%#)', async (options, message) => {
  await expect(createPostgresOutbox(options())).rejects.toThrow(message);
});

test('keeps to its own limit, whatever the others that accept were told', async () => {
  const accepting = await open({});
  const { outbox, until } = await trialOf((onEvent) =>
    createPostgresOutbox({ pool, schema, pace: 'burst', requestsPerSecond: 2, onEvent }),
  );
  for (let step = 1; step <= 4; step += 1) await accepting.accept(change(`TICKET-${step}`));
  const at: number[] = [];
  await outbox.run(
    delivering(() => {
      at.push(performance.now());
      return { kind: 'done' };
    }),
  );
  await until(ended('done'), 4);
  expect((at[2] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(1000);
  await Promise.all([outbox.close(), accepting.close()]);
});

test('promises no more than this Postgres is set up to keep', async () => {
  const outbox = await open({});
  const [{ fsync } = { fsync: '' }] = (await pool.query<{ fsync: string }>('show fsync')).rows;
  expect(outbox.capabilities).toEqual({
    transactional: true,
    scope: 'fleet',
    survives: fsync === 'on' ? 'power-loss' : 'process-death',
    liveness: 'session',
  });
  await outbox.close();
});
