import { afterAll, beforeAll, describe, test, type TestContext } from 'vitest';
import { createPostgresOutbox, type Change, type DeliveryJob } from '../../src/index.ts';
import { eventually } from '../support/fleet.ts';
import { findPgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { change, ended, eventOf, trialOf } from '../support/trial.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
});
afterAll(() => server.stop());

const found = findPgBouncer();
const cases = [
  { servers: 4, roundRobin: false },
  { servers: 4, roundRobin: true },
  { servers: 2, roundRobin: true },
];
const steps = ['ONE', 'TWO', 'THREE'];

describe('behind a real PgBouncer in transaction mode', () => {
  // Side by side: each waits for the grace period of the lost worker.
  test.concurrent.for(cases)(
    'a fleet delivers all once and in order, and finds a worker that is lost: %o',
    async ({ servers, roundRobin }, { skip, expect, onTestFinished }) => {
      if (found === undefined)
        skip('There is no PgBouncer on this machine: apt-get install pgbouncer.');
      const { pool, open, sent, deliver, accept } = await start(
        servers,
        roundRobin,
        onTestFinished,
      );
      const lost = await open();
      const [one, other] = [await open(), await open()];
      for (const { outbox, events } of [lost, one, other]) {
        expect(outbox.capabilities).toMatchObject({ transactional: true, liveness: 'heartbeat' });
        expect(events.map(({ type }) => type)).toEqual(['degraded']);
      }

      // One that takes a change and is never heard of again.
      const taken = Promise.withResolvers<void>();
      const held = await lost.outbox.accept(change('LOST'));
      await lost.outbox.run(() => {
        taken.resolve();
        return new Promise<never>(() => {});
      });
      await taken.promise;
      lost.cut();

      await one.outbox.run(deliver);
      await other.outbox.run(deliver);
      await accept(one.outbox, 40);
      const count = () =>
        [one, other].reduce((sum, { events }) => sum + events.filter(ended('done')).length, 0);
      await eventually(async () => count() === 40 * steps.length + 1);
      expect(await one.outbox.inspect.change(held)).toMatchObject({ kind: 'done' });
      expect(sent.get('LOST')).toEqual(['START in doubt']);
      sent.delete('LOST');
      expect([...sent.values()]).toEqual(Array.from({ length: 40 }, () => steps));
      expect(await one.outbox.inspect.blocked()).toEqual([]);

      // A rollback takes its change along, through the pooler too.
      const client = await pool.connect();
      await client.query('begin');
      const gone = await one.outbox.accept(change('ROLLED-BACK'), { tx: client });
      await client.query('rollback');
      client.release();
      expect(await one.outbox.inspect.change(gone)).toBeUndefined();
    },
  );
});

/** A fleet behind a pooler with as many connections, and what it sends for each ticket. */
async function start(
  servers: number,
  roundRobin: boolean,
  onTestFinished: TestContext['onTestFinished'],
) {
  if (found === undefined) throw new Error('There is no PgBouncer here.');
  const pooler = await startPgBouncer(found.program, server.url, { servers, roundRobin });
  const pool = poolOf(pooler.url, 20);
  const stops: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    for (const stop of stops) await stop();
    await pool.end();
    await pooler.stop();
  });
  const schema = `pooled_${servers}_${roundRobin ? 'in_turn' : 'latest'}`;
  const sent = new Map<string, string[]>();
  const open = async () => {
    let isCut = false;
    const through = <Result>(work: () => Promise<Result>) =>
      isCut ? Promise.reject(new Error('The connection is cut.')) : work();
    const own = {
      connect: () => through(() => pool.connect()),
      query: (text: string, values?: unknown[]) => through(() => pool.query(text, values)),
    };
    const trial = await trialOf((onEvent) =>
      createPostgresOutbox({ pool: own, schema, pace: 'burst', onEvent }),
    );
    stops.push(() => trial.outbox.close({ drainMs: 0 }));
    const cut = () => {
      isCut = true;
    };
    return { ...trial, cut };
  };
  const deliver = async (job: DeliveryJob) => {
    const { ticketId } = job.change;
    const lease = await job.rateLimiter.acquire(job.key, ticketId);
    await job.ensureHeld();
    const name = job.doubt === undefined ? eventOf(job) : `${eventOf(job)} in doubt`;
    sent.set(ticketId, [...(sent.get(ticketId) ?? []), name]);
    lease.release({ kind: 'answered' });
    return { kind: 'done' } as const;
  };
  const accept = async (outbox: { accept(one: Change): Promise<string> }, tickets: number) => {
    for (const step of steps) {
      for (let at = 0; at < tickets; at += 1) {
        await outbox.accept(change(`TICKET-${at}`, step, { key: `key-${at % 8}` }));
      }
    }
  };
  return { pool, open, sent, deliver, accept };
}
