import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox } from '../../src/index.ts';
import {
  eventually,
  assess,
  startSandboxProcess,
  startWorkerProcess,
  ticketsOf,
  workload,
  type WorkerProcess,
} from '../support/fleet.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres();
  pool = poolOf(server.url, 20);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const steps = 4;
const tickets = ticketsOf(10);

/** Runs a workload on two workers, lets something happen while requests are in flight. */
async function expectSurvival(
  schema: string,
  disturb: (workers: readonly WorkerProcess[]) => Promise<void>,
): Promise<readonly WorkerProcess[]> {
  const sandbox = await startSandboxProcess({
    tickets: tickets.map((ticketId) => ({ ticketId })),
    // Slow enough to be caught with requests on both sides of their effect.
    delayMs: { beforeCounting: [50, 250], beforeAnswering: [50, 250] },
  });
  const outbox = await createPostgresOutbox({ pool, schema });
  const workers = await Promise.all(
    [1, 2].map(() =>
      startWorkerProcess({
        database: server.url,
        schema,
        baseUrl: sandbox.url,
        pace: 'burst',
        timeoutMs: 10_000,
        // This API answers within half a second, and a busy machine within a few.
        settleMs: 10_000,
        concurrency: 5,
      }),
    ),
  );
  try {
    // Of what is there before them, the one that begins first would take most.
    await outbox.acceptMany(workload(tickets, steps).map((change) => ({ change })));
    await eventually(async () => {
      const { rows } = await pool.query<{ count: number }>(
        `select count(*)::int from ${schema}.outbox_lane where worker is not null group by worker`,
      );
      return rows.length === 2 && rows.every(({ count }) => count > 2);
    });
    await disturb(workers);
    await eventually(async () => {
      const depth = await outbox.inspect.depth().catch(() => undefined);
      return depth !== undefined && depth.waiting + depth.underWay + depth.retrying === 0;
    });
    const assessment = assess(await sandbox.writes(), tickets, steps);
    expect(assessment).toEqual({ written: 40, lost: 0, orderViolations: 0, duplicates: 0 });
    expect(await outbox.inspect.depth()).toMatchObject({ dead: 0, unknown: 0 });
    expect(await sandbox.record()).toMatchObject({ limited: 0 });
    return workers;
  } finally {
    for (const worker of workers) worker.signal('SIGKILL');
    sandbox.stop();
    await outbox.close();
  }
}

/** How many slots still belong to the worker of that process. */
async function createDeliveryLimiter(schema: string, pid: number | undefined): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int from ${schema}.outbox_slot s
    join ${schema}.outbox_worker w on w.id = s.worker
    where w.pid = $1 and s.free_at > clock_timestamp()`,
    [pid],
  );
  return rows[0]?.count ?? 0;
}

const heard = (worker: WorkerProcess | undefined, type: string) =>
  worker?.news.filter((news) => news.type === type).length ?? 0;

describe('no change is lost, doubled or out of order', () => {
  test.concurrent('when a worker is killed', async ({ expect: expected }) => {
    let left = 0;
    const workers = await expectSurvival('killed', async ([victim, other]) => {
      victim?.signal('SIGKILL');
      await eventually(async () => heard(other, 'recovered') === 1);
      left = await createDeliveryLimiter('killed', victim?.pid);
    });
    expected([heard(workers[1], 'recovered'), left]).toEqual([1, 0]);
  });

  test.concurrent('when a worker is stopped for a while', async ({ expect: expected }) => {
    let left = 0;
    const workers = await expectSurvival('stopped', async ([victim, other]) => {
      victim?.signal('SIGSTOP');
      await eventually(async () => heard(other, 'recovered') === 1);
      // It may have been stopped right before it writes to its socket, and write when it wakes.
      left = await createDeliveryLimiter('stopped', victim?.pid);
      victim?.signal('SIGCONT');
    });
    expected(left).toBeGreaterThan(0);
    expected(heard(workers[0], 'ended') + heard(workers[1], 'ended')).toBeGreaterThan(0);
  });
});

describe('neither when the database', () => {
  test('cuts every connection', async () => {
    await expectSurvival('cut', async () => {
      await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database()`,
      );
    });
  });

  test('is restarted', async ({ skip }) => {
    const { restart } = server;
    if (restart === undefined) return skip('The server of DATABASE_URL is not ours to restart.');
    await expectSurvival('restarted', async () => restart());
  });
});
