import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type pg from 'pg';
import {
  createPostgresOutbox,
  type DeliveryJob,
  type Ending,
  type Outbox,
} from '../../src/index.ts';
import { eventually } from '../support/fleet.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { startProxy } from '../support/proxy.ts';
import { change, eventOf } from '../support/trial.ts';

let server: PostgresServer;
let direct: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  direct = poolOf(server.url, 10);
});
afterAll(async () => {
  await direct.end();
  await server.stop();
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const steps = ['ONE', 'TWO', 'THREE'];

/** What was sent for each ticket, by a delivery that reads what is in doubt. */
function recording(keys: number) {
  const sent = new Map<string, string[]>();
  const deliver = async (job: DeliveryJob) => {
    const { ticketId } = job.change;
    const lease = await job.rateLimiter.acquire(job.key, ticketId);
    await job.ensureHeld();
    const before = sent.get(ticketId) ?? [];
    const name = eventOf(job);
    if (job.doubt === undefined || before.at(-1) !== name) sent.set(ticketId, [...before, name]);
    await wait(20 + Math.random() * 40);
    lease.release({ kind: 'answered' });
    return { kind: 'done' } satisfies Ending;
  };
  async function acceptAll(outbox: Pick<Outbox, 'accept'>, tickets: number): Promise<void> {
    for (const step of steps) {
      for (let ticket = 0; ticket < tickets; ticket += 1) {
        await outbox.accept(change(`TICKET-${ticket}`, step, { key: `key-${ticket % keys}` }));
      }
    }
  }
  return { sent, deliver, acceptAll };
}

/** A worker whose database is behind a network of its own, and one beside it that can look. */
async function start(schema: string, max: number) {
  const { hostname, port } = new URL(server.url);
  const proxy = await startProxy({ host: hostname, port: Number(port) });
  const url = new URL(server.url);
  url.port = String(proxy.port);
  const pool = poolOf(url.href, max);
  const watcher = await createPostgresOutbox({ pool: direct, schema });
  const outbox = await createPostgresOutbox({ pool, schema, pace: 'burst', timeoutMs: 1000 });
  onTestFinished(async () => {
    proxy.thaw();
    proxy.jitter(0);
    await outbox.close({ drainMs: 0 });
    await watcher.close();
    proxy.stop();
    await pool.end();
  });
  return { proxy, pool, outbox, watcher };
}

/** All is delivered, once and in order, and the one life that is left has one session. */
async function expectAllDone(
  watcher: Pick<Outbox, 'inspect'>,
  sent: Map<string, string[]>,
  tickets: number,
) {
  await eventually(async () => {
    const { waiting, underWay, retrying } = await watcher.inspect.depth();
    return waiting + underWay + retrying === 0;
  });
  expect([...sent.values()]).toEqual(Array.from({ length: tickets }, () => steps));
}

describe('nothing is stuck, doubled or out of order', () => {
  test('when the service uses up the pool that it shares with its worker', async () => {
    const { pool, outbox, watcher } = await start('shared_pool', 10);
    const { sent, deliver, acceptAll } = recording(8);
    await acceptAll(watcher, 60);
    await outbox.run(deliver);
    for (const seconds of [0.6, 1, 2]) {
      await wait(300);
      await Promise.all(
        Array.from({ length: 10 }, () => pool.query('select pg_sleep($1)', [seconds])),
      );
    }
    await expectAllDone(watcher, sent, 60);
  });

  test.each([600, 1700, 4000])('when the network stands still for %i ms', async (ms) => {
    const { proxy, outbox, watcher } = await start(`still_${ms}`, 10);
    const { sent, deliver, acceptAll } = recording(8);
    await acceptAll(watcher, 60);
    await outbox.run(deliver);
    await wait(200);
    proxy.freeze();
    await wait(ms);
    proxy.thaw();
    await expectAllDone(watcher, sent, 60);
  });

  test('when a claim is committed and its answer goes with the connection', async () => {
    const { proxy, outbox, watcher } = await start('lost_claim', 10);
    const { sent, deliver, acceptAll } = recording(8);
    await outbox.run(deliver);
    proxy.loseAnswerTo(
      (question) => question.includes('claim('),
      (answer) => answer.includes('"fence"'),
    );
    await acceptAll(watcher, 30);
    await expectAllDone(watcher, sent, 30);
    expect(proxy.hasLost()).toBe(true);
  });

  test('when all connections are cut again and again', async () => {
    const { proxy, outbox, watcher } = await start('cut_again', 10);
    const { sent, deliver, acceptAll } = recording(8);
    await acceptAll(watcher, 60);
    await outbox.run(deliver);
    for (let round = 0; round < 10; round += 1) {
      await wait(150);
      proxy.cutAll();
    }
    await expectAllDone(watcher, sent, 60);
  });
});

/** Sessions that hold a worker's lock. */
const sessions = async () => {
  const { rows } = await direct.query<{ count: number }>(
    `select count(*)::int from pg_locks where locktype = 'advisory' and granted and objsubid = 1
      and mode = 'ExclusiveLock' and pid <> pg_backend_pid()`,
  );
  return rows[0]?.count ?? 0;
};

describe('a worker that comes back over a slow network', () => {
  // The smallest pool, and one with room to spare.
  test.each([2, 5])('keeps one session, and the pool of %i goes on', async (max) => {
    const { proxy, pool, outbox, watcher } = await start(`slow_return_${max}`, max);
    const other = await createPostgresOutbox({ pool: direct, schema: `slow_return_${max}` });
    const { sent, deliver, acceptAll } = recording(8);
    await other.run(deliver);
    await outbox.run(deliver);
    for (let round = 0; round < 2; round += 1) {
      proxy.freeze();
      await wait(4500);
      proxy.jitter(200);
      proxy.thaw();
      await wait(2500);
      proxy.jitter(0);
      // Both the service and its worker get through.
      await pool.query('select 1');
    }
    await acceptAll(watcher, 30);
    await expectAllDone(watcher, sent, 30);
    await eventually(async () => (await sessions()) === 2);
    await other.close();
  });
});
