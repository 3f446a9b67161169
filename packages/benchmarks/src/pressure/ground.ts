import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { poolOf, startPostgres } from '../../../outbox/test/support/postgres-server.ts';
import type { Engine, Place } from './engine.ts';
import { engines } from './engines.ts';
import { startFleet, type Fleet, type FleetOptions } from './fleet.ts';
import { startReceiver, type Receiver } from './receiver.ts';

/** Where everything takes place: one Postgres of our own, and the other end of all deliveries. */
export interface Ground {
  readonly database: string;
  readonly pool: pg.Pool;
  readonly receiver: Receiver;
  /** Stops the database and starts it again; `immediate` is a crash with a recovery. */
  restart(how: 'fast' | 'immediate'): Promise<void>;
  stop(): Promise<void>;
}

export async function openGround(): Promise<Ground> {
  const server = await startPostgres();
  const { url: database, restart } = server;
  if (restart === undefined) {
    throw new Error('The server of DATABASE_URL is not ours to restart; unset it.');
  }
  const pool = poolOf(database, 16);
  const receiver = await startReceiver();
  return {
    database,
    pool,
    receiver,
    restart,
    async stop() {
      receiver.stop();
      await pool.end();
      await server.stop();
    },
  };
}

type Options = Pick<FleetOptions, 'size' | 'isInstant'> & Pick<Place, 'keepEndedMs'>;

/** Starts a fleet with tables of its own, and leaves nothing of it behind. */
export async function withFleet<Result>(
  { database, pool, receiver }: Ground,
  engine: Engine,
  part: string,
  work: (fleet: Fleet, schema: string) => Promise<Result>,
  { keepEndedMs, ...options }: Options = {},
): Promise<Result> {
  const schema = `${engine.figure.toLowerCase()}_${part}`;
  const place = { schema, ...(keepEndedMs === undefined ? {} : { keepEndedMs }) };
  const fleet = await startFleet({ engine, database, receiver, place, ...options });
  try {
    return await work(fleet, schema);
  } finally {
    await fleet.stop();
    await drop(pool, schema);
  }
}

const dropAttempts = 20;
const dropRetryMs = 500;

/** What the workers asked last may still be under way, and hold the tables. */
async function drop(pool: pg.Pool, schema: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await pool.query(`drop schema ${schema} cascade`);
      return;
    } catch (error) {
      if (attempt === dropAttempts) throw error;
      await sleep(dropRetryMs);
    }
  }
}

/** The same for every engine, side by side: what happens to the database happens to all at once. */
export async function withFleets<Result>(
  ground: Ground,
  part: string,
  work: (fleets: readonly Fleet[]) => Promise<Result>,
  options?: Options,
): Promise<Result> {
  const fleets: Fleet[] = [];
  const startFrom = (at: number): Promise<Result> => {
    const engine = engines[at];
    if (engine === undefined) return work(fleets);
    const next = (fleet: Fleet) => {
      fleets.push(fleet);
      return startFrom(at + 1);
    };
    return withFleet(ground, engine, part, next, options);
  };
  return startFrom(0);
}
