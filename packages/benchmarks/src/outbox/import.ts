import { createPostgresOutbox } from '@ticket-lifecycle/outbox';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  assess,
  eventually,
  startSandboxProcess,
  startWorkerProcess,
  ticketsOf,
} from '../../../outbox/test/support/fleet.ts';
import type { Ground } from './run.ts';

const changes = 10_000;
const keys = 100;
const workerCount = 2;
const atOnce = 6;
const stillMs = 30_000;
const longestMs = 600_000;

/** What came of an import. All but `importSeconds` must be 0. */
export interface ImportResult {
  /** Changes under way for half a minute under a worker that lives, while the others were delivered. */
  readonly importStuck: number;
  readonly importLost: number;
  readonly importTwice: number;
  readonly importSeconds: number;
}

/**
 * Imports ten thousand changes, six at a time, while two processes deliver them and every core is busy
 * with something else.
 */
export async function measureImport({ pool, database }: Ground): Promise<ImportResult> {
  const schema = 'import';
  const tickets = ticketsOf(changes);
  const sandbox = await startSandboxProcess({ tickets: [] });
  sandbox.add(tickets.map((ticketId) => ({ ticketId })));
  const outbox = await createPostgresOutbox({ pool, schema });
  const options = { database, schema, baseUrl: sandbox.url, pace: 'burst' } as const;
  const workers = await Promise.all(
    Array.from({ length: workerCount }, () => startWorkerProcess(options)),
  );
  const others = Array.from({ length: availableParallelism() }, keepBusy);
  const stuck = new Set<string>();
  try {
    const startedAt = performance.now();
    const queue = tickets.entries();
    const accepting = async () => {
      for (const [at, ticketId] of queue) {
        const change = { ticketId, event: 'START', staffUserId: 7, from: 'open' } as const;
        await outbox.accept({ ...change, key: `key-${at % keys}` });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, accepting));
    await eventually(async () => {
      for (const id of await stuckIn(schema)) stuck.add(id);
      const { waiting, underWay, retrying } = await outbox.inspect.depth();
      return waiting + underWay + retrying === 0;
    }, longestMs);
    const seconds = (performance.now() - startedAt) / 1000;
    const { lost, duplicates } = assess(await sandbox.writes(), tickets, 1);
    return {
      importStuck: stuck.size,
      importLost: lost,
      importTwice: duplicates,
      importSeconds: seconds,
    };
  } finally {
    await Promise.all(others.map((other) => other.terminate()));
    for (const worker of workers) worker.signal('SIGKILL');
    sandbox.stop();
    await outbox.close();
  }

  async function stuckIn(place: string): Promise<readonly string[]> {
    const { rows } = await pool.query<{ id: string }>(
      `select l.head::text as id from ${place}.outbox_lane l
      join ${place}.outbox_worker w on w.id = l.worker
      where l.kind = 'active' and w.dead_at is null
        and l.since < clock_timestamp() - $1 * interval '1 ms'`,
      [stillMs],
    );
    return rows.map(({ id }) => id);
  }
}

/** A thread that takes all the time that a core has. */
const keepBusy = () => new Worker('for (;;);', { eval: true });
