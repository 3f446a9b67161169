import { afterAll, beforeAll, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox, type DeliveryJob } from '../../src/index.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { change, trialOf } from '../support/trial.ts';

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 20);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

// BULK_CHANGES=10000 makes the import longer.
const total = Number(process.env['BULK_CHANGES'] ?? 3000);
const keys = 100;
const side = 6;

test('of thousands of changes that come while two workers deliver, none is stuck', async () => {
  const place = { pool, pace: 'burst', requestsPerSecond: 500, concurrency: 100 } as const;
  const all = Promise.withResolvers<void>();
  let left = total;
  const workers = await Promise.all(
    [1, 2].map(() =>
      trialOf((onEvent) =>
        createPostgresOutbox({
          ...place,
          onEvent(event) {
            onEvent(event);
            if (event.type === 'ended' && (left -= 1) === 0) all.resolve();
          },
        }),
      ),
    ),
  );
  const seen = new Set<string>();
  const blind: string[] = [];
  const deliver = async ({ id, doubt }: DeliveryJob) => {
    // On a machine that stands still for seconds a worker counts as lost, and its changes come again,
    // in doubt: those are read before they are sent.
    if (seen.has(id) && doubt === undefined) blind.push(id);
    seen.add(id);
    return { kind: 'done' } as const;
  };
  await Promise.all(workers.map(({ outbox }) => outbox.run(deliver)));

  let next = 0;
  const importing = async () => {
    const [first] = workers;
    for (let at = next++; at < total; at = next++) {
      await first?.outbox.accept(change(`T-${at}`, 'START', { key: `key-${at % keys}` }));
    }
  };
  await Promise.all(Array.from({ length: side }, importing));
  await all.promise;
  const [first] = workers;
  expect(await first?.outbox.inspect.depth()).toEqual({
    waiting: 0,
    underWay: 0,
    retrying: 0,
    later: 0,
    dead: 0,
    unknown: 0,
    oldestMs: 0,
    oldestUnderWayMs: 0,
  });
  expect([seen.size, blind]).toEqual([total, []]);
  await Promise.all(workers.map(({ outbox }) => outbox.close()));
});
