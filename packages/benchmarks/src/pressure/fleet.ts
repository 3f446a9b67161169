import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../child.ts';
import { poolOf } from '../../../outbox/test/support/postgres-server.ts';
import type { Counted } from '../counting-client.ts';
import type { Engine, Place } from './engine.ts';
import { startLoad, type Load } from './load.ts';
import type { Arrivals, Receiver } from './receiver.ts';
import type { WorkerAsk } from './worker.process.ts';

export const fleetSize = 2;
const restartMs = 1000;
const mostAttempts = 30;

type WorkerChild = Child<WorkerAsk, unknown>;

/** Some processes on one engine, and the load that is put into it. */
export interface Fleet {
  readonly engine: Engine;
  readonly load: Load;
  readonly arrivals: Arrivals;
  /** What all workers have asked the database since the last time, and delivered in all. */
  counts(): Promise<Counted & { readonly delivered: number }>;
  /** How many workers have ended by themselves. Each was started again. */
  died(): number;
  /** Lets other queries take all connections of each worker's pool for a while. */
  exhaust(ms: number): Promise<void>;
  /** Kills the oldest worker and starts another in its place. */
  replaceOne(): Promise<void>;
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly engine: Engine;
  readonly database: string;
  readonly receiver: Receiver;
  readonly place: Place;
  readonly size?: number;
  /** Whether changes are delivered to the receiver; if not, each counts as delivered at once. */
  readonly isInstant?: boolean;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { engine, database, receiver, place, size = fleetSize, isInstant = false } = options;
  const pool = poolOf(database, 6);
  const producer = await engine.openProducer(pool, place);
  const load = startLoad(producer);
  const workers = new Set<WorkerChild>();
  let died = 0;
  const stopping = new AbortController();

  /** Tries until one works, as a supervisor does: while the database is away none can begin. */
  async function startOne(): Promise<void> {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      const child: WorkerChild = startChild(new URL('./worker.process.ts', import.meta.url), () => {
        if (!workers.delete(child)) return;
        died += 1;
        setTimeout(() => void startOne().catch(() => {}), restartMs);
      });
      try {
        const url = isInstant ? undefined : `${receiver.url}/${place.schema}`;
        await child.ask({ ask: 'work', engine: engine.name, database, place, receiver: url });
        workers.add(child);
        return;
      } catch (error) {
        child.kill();
        if (attempt === mostAttempts) throw error;
        await sleep(restartMs);
      }
    }
  }

  /** The answers of those that are there to give one. */
  async function askAll<Answer>(question: WorkerAsk): Promise<Answer[]> {
    const answers = await Promise.allSettled([...workers].map((worker) => worker.ask(question)));
    return answers
      .filter((answer) => answer.status === 'fulfilled')
      .map(({ value }) => value as Answer);
  }

  await Promise.all(Array.from({ length: size }, startOne));

  return {
    engine,
    load,
    arrivals: receiver.arrivals(place.schema),
    died: () => died,
    async counts() {
      const all = await askAll<Counted & { readonly delivered: number }>({ ask: 'counts' });
      return {
        queries: all.reduce((sum, { queries }) => sum + queries, 0),
        claimsMs: all.flatMap(({ claimsMs }) => claimsMs),
        delivered: all.reduce((sum, { delivered }) => sum + delivered, 0),
      };
    },
    async exhaust(ms) {
      await askAll({ ask: 'exhaust', ms });
    },
    async replaceOne() {
      const [oldest] = workers;
      if (oldest !== undefined) {
        workers.delete(oldest);
        oldest.kill();
      }
      await startOne();
    },
    async stop() {
      stopping.abort();
      for (const worker of workers) worker.kill();
      load.stop();
      await load.settled();
      await producer.close().catch(() => {});
      await pool.end();
    },
  };
}
